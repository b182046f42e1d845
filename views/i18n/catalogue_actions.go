package i18n

// spanishActions holds what actions ask before they run, what they say of mail, and how
// they are undone.
var spanishActions = map[string]string{
	"Edit":                         "Editar",
	"Edit…":                        "Editar…",
	"%s: %s?":                      "%s: ¿%s?",
	"Change: %s":                   "Cambiar: %s",
	"What will change":             "Lo que cambiará",
	"Addresses":                    "Direcciones",
	"Nobody is mailed.":            "No se envía correo a nadie.",
	"More rows":                    "Más filas",
	"Undone":                       "Deshecho",
	"All of it, and undo":          "Todo ello, y deshacer",
	"What it did":                  "Lo que hizo",
	"Part of a bulk change":        "En un cambio múltiple",
	"Its mail went out already.":   "Su correo ya ha salido.",
	"You may not change this.":     "No puedes cambiar esto.",
	"Done to several rows at once": "Hecho a varias filas a la vez",
	"Tick what to change. All of the rows get the same value.":                          "Marca lo que quieres cambiar. Todas las filas reciben el mismo valor.",
	"Choose at least one field to change.":                                              "Elige al menos un campo para cambiar.",
	"At most these change: those that are so already stay as they are. The first ones:": "Como mucho cambian estas: las que ya están así se quedan como están. Las primeras:",
	"%s: you may not change this here.":                                                 "%s: no puedes cambiar esto aquí.",
	"It was changed since, and stays as it is.":                                         "Se ha cambiado desde entonces y se queda como está.",
	"Somebody else saved this meanwhile.":                                               "Otra persona lo ha guardado mientras tanto.",
	"This cannot be undone.":                                                            "Esto no se puede deshacer.",
	"Cancelled: it was undone.":                                                         "Cancelado: se deshizo.",
}
