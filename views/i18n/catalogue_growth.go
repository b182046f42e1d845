package i18n

// spanishGrowth holds what is said where a table is too large to tell of all.
var spanishGrowth = map[string]string{
	"These words are looked for in the newest %d rows alone: no index of so long a list knows them.": "Estas palabras solo se buscan en las %d filas más recientes: ningún índice de una lista tan larga las conoce.",
	"Beyond %d rows, the file is made in the background and kept for a day.":                         "A partir de %d filas, el archivo se prepara en segundo plano y se conserva un día.",
	"Export at least %d rows":       "Exportar al menos %d filas",
	"Where the newest %d came from": "De dónde llegaron los últimos %d",
}
