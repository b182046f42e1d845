// Package waitlist holds the rules of those who want in: joining, leaving, inviting,
// and lists that come from elsewhere.
package waitlist
