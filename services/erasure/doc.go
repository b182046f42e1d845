// Package erasure erases what is known of a person, for good: the rows that are theirs,
// what the trash and the history keep of them, and every other text that names their
// address. That something was stays in the history, without content.
package erasure
