package i18n

// spanishCoded holds what the coded pages say.
var spanishCoded = map[string]string{
	"API documentation": "Documentación de la API",
	"Operations":        "Operaciones",

	"What this user gets who asks for the project.": "Lo que recibe este usuario cuando pide el proyecto.",
	"All columns":          "Todas las columnas",
	"None of them":         "Ninguna",
	"Among them":           "Entre ellos",
	"This cannot be done:": "Esto no se puede hacer:",
	"Left out, because it cannot be done with them:": "Se dejan fuera, porque con estos no se puede hacer:",
	"Since":            "Desde",
	"Sent again by %s": "Reenviado por %s",
	"Queued again":     "En cola de nuevo",
	"Feature":          "Función",
}
