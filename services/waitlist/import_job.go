package waitlist

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"slices"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/jobs"
)

// ImportJob is an import that does not fit into a request. Its Query is the first line of
// the file, its file the good rows, in pieces of a batch each.
const ImportJob models.JobKind = "waitlist-import"

// IsLong tells whether a file is for QueueImport rather than for Import.
func IsLong(file []byte) bool { return bytes.Count(file, []byte("\n")) > jobs.BatchSize }

// QueueImport leaves an import to a job. Rows that are no good are told at once, all
// others taken in batch by batch. Its error is a problem where the file as a whole is no
// good.
func (s *Service) QueueImport(ctx context.Context, file []byte, language string) (*models.Job, error) {
	read, err := parseCSV(file, s.Now())
	if err != nil {
		return nil, err
	}
	var pieces [][]byte
	for batch := range slices.Chunk(read.rows, jobs.BatchSize) {
		records := [][]string{read.header}
		for _, row := range batch {
			records = append(records, row.record)
		}
		pieces = append(pieces, csvOf(records...))
	}
	refused := make([]models.JobFailure, len(read.bad))
	for i, row := range read.bad {
		refused[i] = models.JobFailure{RowID: int64(row.Line), Label: string(csvOf(row.Record)), Reason: s.Jobs.Reason(language, row.Why)}
	}
	return s.Jobs.Start(ctx, &models.Job{
		Kind: ImportJob, Model: models.WaitlistSlug, Query: string(csvOf(read.header)), Total: len(read.rows) + len(read.bad), UpTo: int64(len(read.rows)),
		Signature: jobs.Signature(ImportJob, sha256.Sum256(file)), Language: language,
	}, pieces, refused...)
}

// csvOf writes records with commas between the cells; a buffer takes everything.
func csvOf(records ...[]string) []byte {
	var text bytes.Buffer
	_ = csv.NewWriter(&text).WriteAll(records)
	return text.Bytes()
}

// ImportKind is what the job of an import does: the ids are the good rows by their
// number.
func (s *Service) ImportKind() jobs.Kind {
	return jobs.Kind{
		Next: func(ctx context.Context, job *models.Job, limit int) ([]int64, error) {
			if !mayOnAll(models.ActorOf(ctx), models.Add) {
				return nil, problem.New(problem.Forbidden, "forbidden", "You are not allowed to do this. A superuser can give you the right.")
			}
			var ids []int64
			for id := job.Cursor + 1; id <= job.UpTo && len(ids) < limit; id++ {
				ids = append(ids, id)
			}
			return ids, nil
		},
		Run: func(ctx context.Context, job *models.Job, ids []int64) (int, error) {
			records, err := s.recordsOf(ctx, job, ids)
			if err != nil {
				return 0, err
			}
			plan, err := s.Import(ctx, csvOf(records...))
			if err != nil {
				return 0, err
			}
			if len(plan.Bad) > 0 { // what was good when it was queued
				return 0, plan.Bad[0].Why
			}
			return len(plan.Added) + len(plan.Merged), nil
		},
		Label: func(ctx context.Context, job *models.Job, id int64) string {
			records, err := s.recordsOf(ctx, job, []int64{id})
			if err != nil {
				return "" // its number is told all the same
			}
			return string(csvOf(records[1]))
		},
	}
}

// recordsOf are the first line of the file and some of its good rows, of one piece.
func (s *Service) recordsOf(ctx context.Context, job *models.Job, ids []int64) ([][]string, error) {
	piece, err := s.Jobs.Piece(ctx, job, (ids[0]-1)/jobs.BatchSize)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(piece.Content))
	reader.FieldsPerRecord = -1
	all, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read piece of an import: %w", err)
	}
	records := all[:1:1]
	for _, id := range ids {
		records = append(records, all[1+(id-1)%jobs.BatchSize])
	}
	return records, nil
}
