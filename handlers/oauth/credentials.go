package oauth

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/oauth2"
)

// KnowsUs tells whether a provider knows the credentials that it was opened with. It is
// asked to swap a code that is none: who is known is told that the code is no good.
func (f *Flow) KnowsUs(ctx context.Context, name string) (bool, error) {
	p, ok := f.providers[name]
	if !ok {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, providerTime)
	defer cancel()
	_, err := p.config.Exchange(ctx, "none", oauth2.VerifierOption(oauth2.GenerateVerifier()))
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return false, fmt.Errorf("swap a code that is none: %w", withoutURL(err))
	}
	if slices.Contains([]string{"invalid_grant", "bad_verification_code", "redirect_uri_mismatch"}, refused.ErrorCode) {
		return true, nil
	}
	if refused.ErrorCode == "" || refused.Response.StatusCode >= 500 {
		return false, withoutURL(err)
	}
	return false, nil
}
