package accounts

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Own is what people change of their own accounts; nil leaves something as it is.
type Own struct {
	FirstName, LastName *string
	Language            *string // of mails
	TimeZone            *string // of the back office; empty: the program's
}

// ChangeOwn changes what user says of themselves.
func (s *Service) ChangeOwn(ctx context.Context, user *models.User, own Own) error {
	if own.TimeZone != nil && *own.TimeZone != "" {
		if _, ok := models.TimeZone(*own.TimeZone); !ok {
			return problem.Field("time_zone", "There is no time zone of that name. Write it as Europe/Madrid.")
		}
	}
	given := func(user *models.User) map[string]*string {
		return map[string]*string{"first_name": &user.FirstName, "last_name": &user.LastName, "language": &user.Language, "time_zone": &user.TimeZone}
	}
	after := given(user)
	for name, value := range map[string]*string{"first_name": own.FirstName, "last_name": own.LastName, "language": own.Language, "time_zone": own.TimeZone} {
		if value != nil {
			*after[name] = *value
		}
	}
	if err := models.Validate(user); err != nil {
		return err
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		stored, err := lockedUser(ctx, tx, user.ID)
		if err != nil {
			return err
		}
		before := given(stored)
		var changes []models.FieldChange
		var columns []string
		for _, name := range []string{"first_name", "last_name", "language", "time_zone"} {
			if *before[name] != *after[name] {
				columns = append(columns, name)
				changes = append(changes, models.FieldChange{Field: name, From: *before[name], To: *after[name]})
			}
		}
		if len(changes) == 0 {
			return nil
		}
		if _, err := tx.NewUpdate().Model(user).Column(columns...).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("change account: %w", err)
		}
		return recordOwn(ctx, tx, s.Now(), user, models.HistoryChanged, "", changes...)
	})
}

// ChangePassword sets a new password for who knows the current one, ends every login,
// and starts the one that it returns, so that whoever changed it stays signed in.
func (s *Service) ChangePassword(ctx context.Context, user *models.User, proof LoginInput, password string) (pair Pair, err error) {
	err = s.changePassword(ctx, user, proof, password, func(ctx context.Context, tx bun.Tx) error {
		pair, err = s.Tokens.Open(ctx, tx, user, proof)
		return err
	})
	return pair, err
}

// ChangeStaffPassword is ChangePassword in the back office: whoever knows the current
// password stays logged in there, by the session whose token it returns.
func (s *Service) ChangeStaffPassword(ctx context.Context, user *models.User, proof LoginInput, password string) (token string, err error) {
	err = s.changePassword(ctx, user, proof, password, func(ctx context.Context, tx bun.Tx) error {
		token, err = s.Logins.start(ctx, tx, user, proof)
		return err
	})
	return token, err
}

// changePassword sets a new password for who knows the current one, and logs them in
// again. What is wrong with the new one is found first: that needs no hash.
func (s *Service) changePassword(ctx context.Context, user *models.User, proof LoginInput, password string, logIn func(context.Context, bun.Tx) error) error {
	fields := problem.Fields{}
	if proof.Password == "" {
		fields.Add("current_password", "This field is required.")
	}
	if CheckPassword(fields, "new_password", password, user); len(fields) > 0 {
		return fields.Problem()
	}
	if err := s.checkCurrentPassword(ctx, user, proof); err != nil {
		return err
	}
	stale := problem.New(problem.Conflict, "conflict", "The account was changed meanwhile. Please try again.")
	if err := s.replacePassword(ctx, user, password, stale, false); err != nil {
		return err
	}
	err := s.DB.RunInTx(ctx, nil, logIn)
	if errors.Is(err, errConcurrentChange) {
		return stale
	}
	return err
}

// checkCurrentPassword holds the current password of proof against user's. Wrong ones count
// as failed logins; none at all does not.
func (s *Service) checkCurrentPassword(ctx context.Context, user *models.User, proof LoginInput) error {
	if proof.Password == "" {
		return problem.Field("current_password", "This field is required.")
	}
	proof.Login = user.Username
	proven, err := s.Logins.verifyPassword(ctx, user, proof)
	if err != nil || proven {
		return err
	}
	if err := s.Logins.failed(ctx, user, proof); err != nil {
		return err
	}
	return problem.Field("current_password", "This is not your current password.")
}

// Sessions lists the live logins of a user, the newest first.
func (s *Service) Sessions(ctx context.Context, userID int64) ([]models.Session, error) {
	sessions, args := []models.Session{}, new(models.Args)
	err := s.DB.NewSelect().Model(&sessions).Where("user_id = ?", args.Of(userID)).Apply(models.LiveSessions(args.Of(s.Now()))).
		OrderExpr("id DESC").Scan(args.In(ctx))
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return sessions, nil
}

// EndSession ends one login of a user; another's is not there.
func (s *Service) EndSession(ctx context.Context, userID, id int64) error {
	ended, err := endSessions(ctx, s.DB, s.Now(), "id = ? AND user_id = ?", id, userID)
	if err == nil && len(ended) == 0 {
		return problem.ErrNotFound()
	}
	if err == nil {
		s.Logins.logEnded(ctx, oneEnded, userID)
	}
	return err
}
