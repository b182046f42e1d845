package i18n

// spanishLogins holds what logging in says, with a password or at Google or GitHub.
var spanishLogins = map[string]string{
	// Login and set-up.
	"Username":            "Nombre de usuario",
	"Username or e-mail":  "Usuario o correo electrónico",
	"Password":            "Contraseña",
	"Password, once more": "Contraseña, otra vez",
	"At least 8 characters, not only digits, and not a common password.": "Al menos 8 caracteres, no solo números y que no sea una contraseña común.",
	"Set up the first account":                                       "Crea la primera cuenta",
	"It may do everything in the back office. This link works once.": "Podrá hacer todo en la administración. Este enlace funciona una sola vez.",
	"Create account":                 "Crear cuenta",
	"Some fields need another look.": "Revisa los campos señalados.",
	"Request id":                     "Id. de la solicitud",

	// Social login.
	"Continue with %s":                                           "Continuar con %s",
	"You can log in with %s now.":                                "Ya puedes entrar con %s.",
	"This account may not use the back office.":                  "Esta cuenta no tiene acceso al panel de administración.",
	"This account is disabled.":                                  "Esta cuenta está desactivada.",
	"That address's account is linked to another identity.":      "La cuenta de esa dirección está vinculada a otra identidad.",
	"The provider knows no verified e-mail address of yours.":    "El proveedor no conoce ninguna dirección de correo verificada tuya.",
	"This login was not begun in this browser, or is over.":      "Este inicio de sesión no empezó en este navegador o ya terminó.",
	"The login was cancelled at the provider.":                   "El inicio de sesión se canceló en el proveedor.",
	"The provider does not answer as it should.":                 "El proveedor no responde como debería.",
	"This is the only way you can log in. Set a password first.": "Es tu única forma de entrar. Define antes una contraseña.",
	"You can't log in with %s any more.":                         "Ya no puedes entrar con %s.",
	"Your profile":                                               "Tu perfil",
	"Log in with":                                                "Entrar con",
	"Not linked":                                                 "Sin vincular",
	"Disconnect":                                                 "Desvincular",
	"Connect":                                                    "Vincular",
	"One moment…":                                                "Un momento…",
	"That would take the only way in from somebody who has no password.": "Eso quitaría su única forma de entrar a alguien que no tiene contraseña.",
	"Social account":    "Cuenta social",
	"Social accounts":   "Cuentas sociales",
	"Identity":          "Identidad",
	"Provider":          "Proveedor",
	"Provider's e-mail": "Correo en el proveedor",
	"Provider's id":     "Identificador en el proveedor",
	"Linked":            "Vinculada",
	"Last login":        "Último acceso",
	"Who logs in with Google or GitHub appears here.": "Aquí aparece quien entra con Google o GitHub.",

	"Set up":  "Configuración inicial",
	"Mailbox": "Buzón de desarrollo",
}
