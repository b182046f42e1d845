package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/records"
)

// tagOf is an entity tag: another content, another tag.
func tagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
}

// names tells whether If-Match or If-None-Match names a tag, or any (RFC 9110, section 13.1).
func names(header, tag string) bool {
	return slices.ContainsFunc(strings.Split(header, ","), func(one string) bool {
		one = strings.TrimSpace(one)
		return one == tag || one == "*"
	})
}

var entityTag = &huma.Param{
	Description: "Changes with the answer. Send it as If-None-Match to be told whether anything is new.",
	Schema:      &huma.Schema{Type: huma.TypeString}, Example: `"uJk2pZ8nT0qvW3yB5dXc7aEf"`,
}

// revalidate makes a read one whose answer clients keep, and of which they ask whether it
// still stands.
func revalidate(op *huma.Operation) {
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: fiber.HeaderIfNoneMatch, In: "header", Schema: &huma.Schema{Type: huma.TypeString}, Example: entityTag.Example,
		Description: "The ETag of an answer that you have: where it still stands, this one is 304 and empty.",
	})
	ok := op.Responses["200"]
	if ok.Headers == nil {
		ok.Headers = map[string]*huma.Param{}
	}
	ok.Headers[fiber.HeaderETag] = entityTag
	op.Responses["304"] = &huma.Response{Description: "What you have still stands."}
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		next(ctx)
		web := humafiber.Unwrap(ctx)
		if web.Response().StatusCode() != http.StatusOK {
			return
		}
		web.Set(fiber.HeaderCacheControl, "private, no-cache")
		web.Vary(fiber.HeaderAuthorization)
		tag := web.GetRespHeader(fiber.HeaderETag)
		if tag == "" {
			tag = tagOf(web.Response().Body())
			web.Set(fiber.HeaderETag, tag)
		}
		// A proxy that compresses an answer makes its tag a weak one.
		if names(strings.ReplaceAll(web.Get(fiber.HeaderIfNoneMatch), "W/", ""), tag) {
			web.Status(http.StatusNotModified).Response().ResetBody()
			web.Response().Header.Del(fiber.HeaderContentType)
		}
	})
}

// taggedProject is an answer with the project and its tag.
func taggedProject(project *models.Project) (*projectOutput, error) {
	detail := detailOf(project)
	text, err := json.Marshal(detail)
	return &projectOutput{tagOf(text), detail}, err
}

// StaleFailure is the answer to a change of what was changed meanwhile.
type StaleFailure struct {
	Failure
	Current projectDetail `json:"current" doc:"The project as it is now."`
}

// matching keeps projects, but refuses to change or delete one that is not any more as
// If-Match says that the client knows it. Without an If-Match the last one wins.
func (a *API) matching(ifMatch string) *records.Keeper[models.Project] {
	rows := a.Projects.Rows()
	may := rows.May
	rows.May = func(ctx context.Context, tx bun.Tx, verb models.Verb, project *models.Project) error {
		if err := may(ctx, tx, verb, project); err != nil || ifMatch == "" {
			return err
		}
		now, err := taggedProject(project)
		if err != nil || names(ifMatch, now.ETag) {
			return err
		}
		stale := problem.New(problem.PreconditionFailed, "precondition_failed", "The project was changed meanwhile.")
		return &StaleFailure{*a.Present(ctx, "", stale), now.Body}
	}
	return rows
}
