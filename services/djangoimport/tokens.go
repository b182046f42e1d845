package djangoimport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"digitalpath/models"
)

// importTokens keeps the refresh tokens that were blacklisted from being used here: they
// are known, and belong to no login.
func (r *run) importTokens(ctx context.Context) error {
	if !r.source.has("token_blacklist_outstandingtoken", "id", "jti", "expires_at") {
		return nil
	}
	return link[models.DjangoToken]{
		table: "token_blacklist_blacklistedtoken", needed: []string{"id", "token_id"},
		query: "SELECT b.id, o.jti, o.expires_at FROM token_blacklist_blacklistedtoken AS b JOIN token_blacklist_outstandingtoken AS o ON o.id = b.token_id ORDER BY b.id",
		make: func(from *row) (models.DjangoToken, string) {
			sum := sha256.Sum256([]byte(from.text("jti", 0)))
			token := models.DjangoToken{TokenHash: hex.EncodeToString(sum[:]), ExpiresAt: from.time("expires_at")}
			if token.ExpiresAt.Before(r.at) {
				return token, "it has expired"
			}
			return token, ""
		},
	}.run(ctx, r)
}
