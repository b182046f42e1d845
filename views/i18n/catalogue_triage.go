package i18n

// spanishTriage holds single keys, the mail queue and the dashboard.
var spanishTriage = map[string]string{
	"Keyboard shortcuts":          "Atajos de teclado",
	"Next and previous row":       "Fila siguiente y anterior",
	"Open the row":                "Abrir la fila",
	"Select the row":              "Seleccionar la fila",
	"Mark as spam, or not spam":   "Marcar como spam o no spam",
	"This help":                   "Esta ayuda",
	"Close":                       "Cerrar",
	"Single keys are turned off.": "Las teclas sueltas están desactivadas.",
	"Turn them on":                "Activarlas",
	"Turn them off":               "Desactivarlas",
}
