package i18n

// spanishErasure holds what the erasure of a person says.
var spanishErasure = map[string]string{
	"Erase the person…":     "Borrar a la persona…",
	"Erase %s?":             "¿Borrar %s?",
	"Erase for good":        "Borrar definitivamente",
	"Erased":                "Persona borrada",
	"The person is erased.": "La persona está borrada.",
	"This cannot be brought back. The history keeps that something was, but not what. It takes what is listed here, the address out of every other text, and the files of all exports and imports:": "Esto no se podrá recuperar. El historial conserva que hubo algo, pero no qué. Se borra lo que aparece aquí, la dirección de cualquier otro texto, y los archivos de todas las exportaciones e importaciones:",
	"To erase a person takes the right to delete users, contact messages and the waitlist for good.":                                                                                                "Para borrar a una persona hace falta el permiso de eliminar definitivamente usuarios, mensajes de contacto y la lista de espera.",
	"A background job is under way. Try again when it has ended.":                                                                                                                                   "Hay una tarea en segundo plano. Inténtalo de nuevo cuando termine.",
	"The address was changed meanwhile. Look again at what will be erased.":                                                                                                                         "La dirección cambió mientras tanto. Mira de nuevo qué se borrará.",
}
