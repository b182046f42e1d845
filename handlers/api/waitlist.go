package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/services/ratelimit"
	"digitalpath/services/waitlist"
	"digitalpath/views/i18n"
)

// WaitlistPerson is what people tell of themselves.
type WaitlistPerson struct {
	Email       string `json:"email" format:"idn-email" example:"ann@example.com"`
	FirstName   string `json:"first_name" example:"Ann"`
	LastName    string `json:"last_name" example:"Lee"`
	Company     string `json:"company" example:"Lee & Daughters"`
	Description string `json:"description" example:"We look for one view of our clinics."`
}

// WaitlistOriginal is an entry's identity under the names of the Django program.
type WaitlistOriginal struct {
	ID        int64     `json:"id"`
	Timestamp time.Time `json:"timestamp" doc:"The same as created_at."`
	Updated   time.Time `json:"updated" doc:"The same as updated_at."`
}

// WaitlistState is where an entry stands.
type WaitlistState struct {
	User      *int64     `json:"user" doc:"Whose account it was joined under; null without one."`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	Notified  bool       `json:"notified" doc:"Whether the newest mail to the person was delivered."`
	InvitedAt *time.Time `json:"invited_at"`
	Position  *int       `json:"position" doc:"Place in line, from 1; null for who does not wait any more."`
}

type waitlistBody struct {
	WaitlistSource
	Email       string `json:"email" format:"idn-email" maxLength:"254" doc:"Who wants in. Unique regardless of case." example:"ann@example.com"`
	FirstName   string `json:"first_name,omitempty" maxLength:"100" example:"Ann"`
	LastName    string `json:"last_name,omitempty" maxLength:"100" example:"Lee"`
	Company     string `json:"company,omitempty" maxLength:"200" example:"Lee & Daughters"`
	Description string `json:"description,omitempty" maxLength:"2000" example:"We look for one view of our clinics."`
	Website     string `json:"website,omitempty" doc:"Leave empty. Hidden from people in the form: who fills it in is a robot." example:""`
}

func (b *waitlistBody) check() error {
	return waitlist.Input{
		Email: b.Email, FirstName: b.FirstName, LastName: b.LastName, Company: b.Company, Description: b.Description,
	}.Check()
}

// WaitlistSource is where somebody came from, as the frontend found it in its URL.
type WaitlistSource struct {
	UTMSource   string `json:"utm_source,omitempty" example:"newsletter"`
	UTMMedium   string `json:"utm_medium,omitempty" example:"mail"`
	UTMCampaign string `json:"utm_campaign,omitempty" example:"spring"`
	UTMTerm     string `json:"utm_term,omitempty" example:"clinics"`
	UTMContent  string `json:"utm_content,omitempty" example:"header"`
	Referrer    string `json:"referrer,omitempty" doc:"The page that led to the frontend. Default: the Referer header." example:"https://search.example.com/"`
}

type waitlistJoinInput struct {
	request[waitlistBody]
	Language string `header:"Accept-Language" doc:"Chooses the language of the mails: English or Spanish." example:"es"`
	Referrer string `header:"Referer" hidden:"true"`
}

type waitlistJoinOutput struct {
	Status int
	Body   any
}

// Joined begins the answer to a join.
type Joined struct {
	Success bool   `json:"success" enum:"true"`
	Message string `json:"message" example:"Thank you! You are on the waitlist. We'll write to you when it is your turn."`
}

// waitlistJoined is the answer to people without an account, or about the address of
// another: what they sent, whatever is stored.
type waitlistJoined struct {
	Joined
	WaitlistPerson
}

// waitlistCompat is waitlistJoined as the Django program answered.
type waitlistCompat struct {
	Joined
	WaitlistPerson
	WaitlistOriginal
}

// waitlistOwn is the answer about one's own entry.
type waitlistOwn struct {
	Joined
	WaitlistPerson
	WaitlistOriginal
	WaitlistState
}

func (a *API) registerWaitlist(humaAPI huma.API) {
	huma.Register(humaAPI, a.optional(describe(humaAPI, huma.Operation{
		OperationID: "waitlist-join", Method: http.MethodPost, Path: "/api/waitlists/", Summary: "Join the waitlist", Tags: []string{"Waitlist"},
		Description: "The answer is always the same 201, and does not tell whether the address was on the list. " +
			"With the Bearer token of the address's verified owner it is the whole entry: 201 where it is new, 200 where it is there already. Joining twice mails nobody.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusTooManyRequests}, Responses: a.joinResponses(humaAPI),
	}, waitlistBody{
		Email: "ann@example.com", FirstName: "Ann", LastName: "Lee", Company: "Lee & Daughters",
		WaitlistSource: WaitlistSource{UTMSource: "newsletter"},
	})), a.joinWaitlist)
	a.registerWaitlistEntries(humaAPI)
}

// joinTime is how long a join takes at least, whatever is on the list: more than it
// takes to store one on a machine that is not busy.
const joinTime = 150 * time.Millisecond

// joinResponses says that 201 is about anybody, 200 about one's own entry.
func (a *API) joinResponses(humaAPI huma.API) map[string]*huma.Response {
	anybody, own := schemaOf[waitlistJoined](humaAPI), schemaOf[waitlistOwn](humaAPI)
	if a.Compat {
		anybody = schemaOf[waitlistCompat](humaAPI)
	}
	answer := func(description string, schema *huma.Schema) *huma.Response {
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
	}
	return map[string]*huma.Response{
		"200": answer("Your own entry, which was there.", own),
		"201": answer("What you sent or, with the token of the address's owner, your new entry.", &huma.Schema{OneOf: []*huma.Schema{anybody, own}}),
	}
}

func (a *API) joinWaitlist(ctx context.Context, in *waitlistJoinInput) (*waitlistJoinOutput, error) {
	body := in.Sent
	if err := a.Limiter.Allow(ctx, ratelimit.Waitlist, in.IP, models.NormalizeEmail(body.Email)); err != nil {
		return nil, err
	}
	started := time.Now()
	entry, joined, err := a.Waitlist.Join(ctx, in.join(body))
	if err != nil {
		return nil, err
	}
	// What is new takes longer to store than what is known takes to find.
	select {
	case <-time.After(time.Until(started.Add(joinTime))):
	case <-ctx.Done():
	}
	thanks := Joined{Success: true, Message: "Thank you! You are on the waitlist. We'll write to you when it is your turn."}
	if !a.Waitlist.Owns(models.ActorOf(ctx), entry) {
		sent := WaitlistPerson{body.Email, body.FirstName, body.LastName, body.Company, body.Description}
		if a.Compat {
			return &waitlistJoinOutput{http.StatusCreated, waitlistCompat{thanks, sent, *originalOf(entry)}}, nil
		}
		return &waitlistJoinOutput{http.StatusCreated, waitlistJoined{thanks, sent}}, nil
	}
	shown, err := a.showWaitlist(ctx, []models.WaitlistEntry{*entry})
	if err != nil {
		return nil, err
	}
	own := waitlistOwn{thanks, shown[0].WaitlistPerson, shown[0].WaitlistOriginal, shown[0].WaitlistState}
	if joined {
		return &waitlistJoinOutput{http.StatusCreated, own}, nil
	}
	return &waitlistJoinOutput{http.StatusOK, own}, nil
}

func (in *waitlistJoinInput) join(body waitlistBody) waitlist.Input {
	join := waitlist.Input{
		Email: body.Email, FirstName: body.FirstName, LastName: body.LastName, Company: body.Company, Description: body.Description,
		UTMSource: body.UTMSource, UTMMedium: body.UTMMedium, UTMCampaign: body.UTMCampaign, UTMTerm: body.UTMTerm, UTMContent: body.UTMContent,
		Referrer: body.Referrer, Website: body.Website, IPAddress: in.IP,
	}
	if join.Referrer == "" {
		join.Referrer = in.Referrer
	}
	if in.Language != "" {
		join.Language = i18n.Match(in.Language)
	}
	return join
}
