package waitlist

import (
	"strings"

	"digitalpath/models"
	"digitalpath/problem"
)

// ImportNames are what files call columns of the list.
var ImportNames = map[string]string{
	"mail": "email", "email address": "email", "correo": "email", "first name": "first_name", "last name": "last_name", "apellido": "last_name",
	"name": "first_name last_name", "full name": "first_name last_name", "nombre completo": "first_name last_name",
	"organization": "company", "message": "description", "notes": "description",
	"timestamp": "created_at", "joined": "created_at", "date": "created_at", "fecha": "created_at",
}

// ImportColumns are what a file may hold beside what staff type in: where people came
// from, and when.
var ImportColumns = []string{
	"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "language", "is_spam", "created_at",
}

// CheckImported tidies what a file says of a person. Who was told of it when is no reason
// to turn them away, but a time to come is none.
func (s *Service) CheckImported(entry *models.WaitlistEntry) problem.Fields {
	tidy := Input{
		Email: entry.Email, FirstName: entry.FirstName, LastName: entry.LastName, Company: entry.Company, Description: entry.Description,
		UTMSource: entry.UTMSource, UTMMedium: entry.UTMMedium, UTMCampaign: entry.UTMCampaign, UTMTerm: entry.UTMTerm, UTMContent: entry.UTMContent,
		Referrer: entry.Referrer,
	}.entry(entry.CreatedAt)
	tidy.IsSpam, tidy.Language = entry.IsSpam, strings.ToLower(entry.Language)
	if tidy.Language != "en" && tidy.Language != "es" {
		tidy.Language = ""
	}
	*entry = *tidy
	if entry.CreatedAt.After(s.Now()) || !entry.CreatedAt.IsZero() && entry.CreatedAt.Year() < 1970 {
		return problem.Fields{"created_at": {{Format: "Enter a past date such as 2026-11-23."}}}
	}
	return problem.Fields{}
}

// MergeImported gives an entry what it lacks and a file knows: what is stored stays, and
// who has unsubscribed stays so. What a robot stored gives way to a person.
func (s *Service) MergeImported(entry, imported *models.WaitlistEntry) {
	if entry.IsSpam && !imported.IsSpam {
		stored := *entry
		*entry = *imported
		entry.ID, entry.UnsubscribedAt, entry.UpdatedAt = stored.ID, stored.UnsubscribedAt, stored.UpdatedAt
		if entry.CreatedAt.IsZero() {
			entry.CreatedAt = s.Now()
		}
		return
	}
	for _, field := range []struct{ to, from *string }{
		{&entry.FirstName, &imported.FirstName}, {&entry.LastName, &imported.LastName},
		{&entry.Company, &imported.Company}, {&entry.Description, &imported.Description},
	} {
		if *field.to == "" {
			*field.to = *field.from
		}
	}
}
