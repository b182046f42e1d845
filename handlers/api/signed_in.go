package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/ratelimit"
)

// bearer is the name of the security scheme in the OpenAPI document.
const bearer = "bearer"

// protected makes an operation one for signed-in users: models.ActorOf says who asks.
func (a *API) protected(op huma.Operation) huma.Operation {
	op.Security = []map[string][]string{{bearer: {}}}
	op.Middlewares = append(op.Middlewares, a.signedIn)
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusTooManyRequests)
	return op
}

// optional makes an operation one for everybody that knows who asks where a token says
// so. One that is no good says nothing: a frontend may keep an old one.
func (a *API) optional(op huma.Operation) huma.Operation {
	op = a.protected(op)
	op.Security = append(op.Security, map[string][]string{})
	op.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		signed, err := a.signInRequest(ctx)
		if p, ok := problem.As(err); ok && p.Kind == problem.Unauthenticated {
			next(ctx)
			return
		}
		a.proceed(signed, err, next)
	}}
	return op
}

// signedIn lets those pass who hold an access token.
func (a *API) signedIn(ctx huma.Context, next func(huma.Context)) {
	signed, err := a.signInRequest(ctx)
	a.proceed(signed, err, next)
}

func (a *API) proceed(ctx huma.Context, err error, next func(huma.Context)) {
	if err != nil {
		_ = a.Refuse(humafiber.Unwrap(ctx), err) // an error's envelope can always be written
		return
	}
	next(ctx)
}

func (a *API) signInRequest(ctx huma.Context) (huma.Context, error) {
	signed, _, err := a.signIn(ctx.Context(), ctx.Header(fiber.HeaderAuthorization), nil)
	return huma.WithContext(ctx, signed), err
}

// signIn puts who holds the access token of an Authorization header into the context.
// along is Authenticate's, and found what it found.
func (a *API) signIn(ctx context.Context, authorization string, along func(user int64, args *models.Args) *bun.SelectQuery) (signed context.Context, found string, err error) {
	actor := models.ActorOf(ctx)
	who, err := a.holder(ctx, authorization, actor.IP, along)
	if err != nil {
		return ctx, "", err
	}
	actor.User, actor.Rights = who.User, who.Rights
	return context.WithValue(models.WithActor(ctx, actor), sessionKey{}, who.SessionID), who.Along, nil
}

func (a *API) holder(ctx context.Context, authorization, ip string, along func(user int64, args *models.Args) *bun.SelectQuery) (*models.SignedIn, error) {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " \t") {
		return nil, problem.New(problem.Unauthenticated, "not_authenticated", "Unauthorized")
	}
	who, err := a.Tokens.Authenticate(ctx, token, along)
	if err != nil || HeadOf(ctx) != nil {
		return who, err
	}
	return who, a.Limiter.Allow(ctx, ratelimit.API, ip, strconv.FormatInt(who.User.ID, 10))
}

type sessionKey struct{}

// sessionOf is the login by which the request came, 0 where its token names none.
func sessionOf(ctx context.Context) int64 {
	id, _ := ctx.Value(sessionKey{}).(int64)
	return id
}
