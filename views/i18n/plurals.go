package i18n

// forms are a sentence for one and for any other number.
type forms struct{ one, other string }

// plurals are the keys whose wording hangs on their first number.
var plurals = map[string]struct{ english, spanish forms }{
	"%d new: %s": {
		english: forms{"%d new: %s", "%d new: %s"},
		spanish: forms{"%d nuevo: %s", "%d nuevos: %s"},
	},
	"%d jobs are queued again.": {
		english: forms{"%d job is queued again.", "%d jobs are queued again."},
		spanish: forms{"%d tarea vuelve a estar en cola.", "%d tareas vuelven a estar en cola."},
	},
	"%d results": {
		english: forms{"%d result", "%d results"},
		spanish: forms{"%d resultado", "%d resultados"},
	},
	"older than %d days": {
		english: forms{"older than %d day", "older than %d days"},
		spanish: forms{"hace más de %d día", "hace más de %d días"},
	},
	"Export %d rows": {
		english: forms{"Export %d row", "Export %d rows"},
		spanish: forms{"Exportar %d fila", "Exportar %d filas"},
	},
	"%d restored.": {
		english: forms{"%d restored.", "%d restored."},
		spanish: forms{"Se ha restaurado %d fila.", "Se han restaurado %d filas."},
	},
	"%d deleted for good.": {
		english: forms{"%d deleted for good.", "%d deleted for good."},
		spanish: forms{"Se ha eliminado definitivamente %d fila.", "Se han eliminado definitivamente %d filas."},
	},
	"Delete the %d selected for good?": {
		english: forms{"Delete the selected row for good?", "Delete the %d selected for good?"},
		spanish: forms{"¿Eliminar definitivamente la fila seleccionada?", "¿Eliminar definitivamente las %d seleccionadas?"},
	},
	"%d selected": {
		english: forms{"%d selected", "%d selected"},
		spanish: forms{"%d fila seleccionada", "%d filas seleccionadas"},
	},
	"%d messages will be sent again.": {
		english: forms{"%d message will be sent again.", "%d messages will be sent again."},
		spanish: forms{"%d mensaje se enviará de nuevo.", "%d mensajes se enviarán de nuevo."},
	},
	"%d mails cancelled.": {
		english: forms{"%d mail cancelled.", "%d mails cancelled."},
		spanish: forms{"%d correo cancelado.", "%d correos cancelados."},
	},
	"%d deleted.": {
		english: forms{"%d deleted.", "%d deleted."},
		spanish: forms{"Se ha eliminado %d fila.", "Se han eliminado %d filas."},
	},
	"%d changed.": {
		english: forms{"%d changed.", "%d changed."},
		spanish: forms{"Se ha cambiado %d fila.", "Se han cambiado %d filas."},
	},
	"%d imported.": {
		english: forms{"%d imported.", "%d imported."},
		spanish: forms{"%d importado.", "%d importados."},
	},
	"%d undone.": {
		english: forms{"%d undone.", "%d undone."},
		spanish: forms{"Se ha deshecho en %d fila.", "Se ha deshecho en %d filas."},
	},
	"Edit %d rows": {
		english: forms{"Edit %d row", "Edit %d rows"},
		spanish: forms{"Editar %d fila", "Editar %d filas"},
	},
	"Change at most %d rows": {
		english: forms{"Change at most %d row", "Change at most %d rows"},
		spanish: forms{"Cambiar como mucho %d fila", "Cambiar como mucho %d filas"},
	},
	"Change %d rows": {
		english: forms{"Change %d row", "Change %d rows"},
		spanish: forms{"Cambiar %d fila", "Cambiar %d filas"},
	},
	"%d of them change, the others are so already.": {
		english: forms{"%d of them changes, the others are so already.", "%d of them change, the others are so already."},
		spanish: forms{"%d de ellas cambia, las demás ya están así.", "%d de ellas cambian, las demás ya están así."},
	},
	"%d mails will be sent.": {
		english: forms{"%d mail will be sent.", "%d mails will be sent."},
		spanish: forms{"Se enviará %d correo.", "Se enviarán %d correos."},
	},
	"%d mails will be sent, to:": {
		english: forms{"%d mail will be sent, to:", "%d mails will be sent, to:"},
		spanish: forms{"Se enviará %d correo, a:", "Se enviarán %d correos, a:"},
	},
	"Also the %d that were sent": {
		english: forms{"Also the one that was sent", "Also the %d that were sent"},
		spanish: forms{"También el que ya se envió", "También los %d que ya se enviaron"},
	},
	"%d were changed since and stay as they are: %s.": {
		english: forms{"%d was changed since and stays as it is: %s.", "%d were changed since and stay as they are: %s."},
		spanish: forms{"%d ha cambiado desde entonces y se queda como está: %s.", "%d han cambiado desde entonces y se quedan como están: %s."},
	},
	"The mail of %d went out already.": {
		english: forms{"The mail of %d went out already.", "The mail of %d went out already."},
		spanish: forms{"El correo de %d ya ha salido.", "El correo de %d ya ha salido."},
	},
	"Invite %d people?": {
		english: forms{"Invite %d person?", "Invite %d people?"},
		spanish: forms{"¿Invitar a %d persona?", "¿Invitar a %d personas?"},
	},
	"%d messages marked as spam.": {
		english: forms{"%d message marked as spam.", "%d messages marked as spam."},
		spanish: forms{"%d mensaje marcado como spam.", "%d mensajes marcados como spam."},
	},
	"%d messages are not spam any more.": {
		english: forms{"%d message is not spam any more.", "%d messages are not spam any more."},
		spanish: forms{"%d mensaje ya no es spam.", "%d mensajes ya no son spam."},
	},
	"%d earlier logins": {
		english: forms{"%d earlier login", "%d earlier logins"},
		spanish: forms{"%d acceso anterior", "%d accesos anteriores"},
	},
	"%d rows in the file. Look the choices over: they are guessed by the names.": {
		english: forms{"%d row in the file. Look the choices over: they are guessed by the names.", "%d rows in the file. Look the choices over: they are guessed by the names."},
		spanish: forms{"%d fila en el archivo. Repasa lo elegido: se deduce de los nombres.", "%d filas en el archivo. Repasa lo elegido: se deduce de los nombres."},
	},
	"%d rows in the file, each of them counted once:": {
		english: forms{"%d row in the file:", "%d rows in the file, each of them counted once:"},
		spanish: forms{"%d fila en el archivo:", "%d filas en el archivo, cada una contada una vez:"},
	},
	"%d dead letters": {
		english: forms{"%d dead letter", "%d dead letters"},
		spanish: forms{"%d mensaje muerto", "%d mensajes muertos"},
	},
	"%d people invited.": {
		english: forms{"%d person invited.", "%d people invited."},
		spanish: forms{"%d persona invitada.", "%d personas invitadas."},
	},
	"%d people": {
		english: forms{"%d person", "%d people"},
		spanish: forms{"%d persona", "%d personas"},
	},
	"%d mails will be sent again.": {
		english: forms{"%d mail will be sent again.", "%d mails will be sent again."},
		spanish: forms{"%d correo se enviará de nuevo.", "%d correos se enviarán de nuevo."},
	},
	"%d entries are not spam any more.": {
		english: forms{"%d entry is not spam any more.", "%d entries are not spam any more."},
		spanish: forms{"%d entrada ya no es spam.", "%d entradas ya no son spam."},
	},
	"%d users activated.": {
		english: forms{"%d user activated.", "%d users activated."},
		spanish: forms{"%d usuario activado.", "%d usuarios activados."},
	},
	"%d users deactivated.": {
		english: forms{"%d user deactivated.", "%d users deactivated."},
		spanish: forms{"%d usuario desactivado.", "%d usuarios desactivados."},
	},
	"%d users logged out everywhere.": {
		english: forms{"%d user logged out everywhere.", "%d users logged out everywhere."},
		spanish: forms{"%d usuario sin sesiones abiertas.", "%d usuarios sin sesiones abiertas."},
	},
	"%d reset mails are on their way.": {
		english: forms{"%d reset mail is on its way.", "%d reset mails are on their way."},
		spanish: forms{"%d correo de restablecimiento en camino.", "%d correos de restablecimiento en camino."},
	},
}
