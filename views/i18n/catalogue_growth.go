package i18n

// spanishGrowth holds what is said where a table is too large to tell of all.
var spanishGrowth = map[string]string{
	"Where the newest %d came from": "De dónde llegaron los últimos %d",
}
