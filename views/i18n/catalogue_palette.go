package i18n

// spanishPalette holds what the search through everything, one's own account and its
// password say.
var spanishPalette = map[string]string{
	"Pages, actions, names, addresses…":          "Páginas, acciones, nombres, direcciones…",
	"↑ ↓ to choose, Enter to open, Esc to close": "↑ ↓ para elegir, Intro para abrir, Esc para cerrar",
	"Actions":              "Acciones",
	"Results":              "Resultados",
	"Changed by you":       "Cambiado por ti",
	"Invite the first %d…": "Invitar a los %d primeros…",

	"Forgot password":  "Contraseña olvidada",
	"Forgot password?": "¿Has olvidado la contraseña?",
	"Send the link":    "Enviar el enlace",
	"We send you a link to choose a new password.":                                                      "Te enviamos un enlace para elegir una contraseña nueva.",
	"If there is an account with this address, the link is on its way. It works once and for 24 hours.": "Si hay una cuenta con esta dirección, el enlace va de camino. Funciona una vez y durante 24 horas.",
	"Your password is changed, and you are logged out everywhere.":                                      "Tu contraseña ha cambiado y se han cerrado todas tus sesiones.",

	"You":                                  "Tú",
	"Of these pages, and of mails to you.": "De estas páginas y de los correos que recibes.",
	"Open logins":                          "Sesiones abiertas",
	"last seen":                            "última actividad",
	"This one":                             "Esta",
	"End":                                  "Cerrar",
	"The login is ended.":                  "La sesión se ha cerrado.",
	"Your profile is changed.":             "Tu perfil ha cambiado.",
	"Too many requests. Try again %s.":     "Demasiadas solicitudes. Vuelve a intentarlo %s.",
	"Previous":                             "Anterior",
	"Next":                                 "Siguiente",
}
