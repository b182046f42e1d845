package i18n

// spanishTrash holds what deleting, restoring and the trash say. The names of tables are
// of what goes with a deleted row.
var spanishTrash = map[string]string{
	"Trash":               "Papelera",
	"Trash: %s":           "Papelera: %s",
	"Restore":             "Restaurar",
	"Restored":            "Restaurado",
	"stays until":         "se conserva hasta",
	"Delete for good":     "Eliminar definitiva\u00admente", // where the head of a column is narrow
	"Delete for good…":    "Eliminar definitivamente…",
	"Deleted for good":    "Eliminado definitivamente",
	"%s is deleted.":      "Se ha eliminado %s.",
	"Removed by age":      "Eliminado por antigüedad",
	"The trash is empty.": "La papelera está vacía.",
	"What you delete can be restored from here.":                                           "Lo que elimines se puede restaurar desde aquí.",
	"Deleted rows stay here for %d days.":                                                  "Lo eliminado se conserva aquí %d días.",
	"This goes into the trash, from where it can be restored:":                             "Esto irá a la papelera, desde donde se puede restaurar:",
	"At least %d rows go into the trash, with everything that belongs to them.":            "Al menos %d filas irán a la papelera, con todo lo que les pertenece.",
	"This cannot be brought back, and what the history tells of its content goes as well:": "Esto no se podrá recuperar, y también se borra lo que el historial cuenta de su contenido:",
	"%s: %s, which stay but name it no more":                                               "%s: %s, que se conservan pero dejan de nombrarlo",
	"%s: %s, which stand in the way":                                                       "%s: %s, que lo impiden",
	"%s cannot be restored: it belongs to something that is not there any more.":           "%s no se puede restaurar: pertenece a algo que ya no existe.",
	"%s cannot be restored: something else has its %s now.":                                "%s no se puede restaurar: otra cosa tiene ahora su %s.",
	"This is still in use and cannot be deleted.":                                          "Todavía se usa y no se puede eliminar.",
	"Something that this refers to is not there any more.":                                 "Algo a lo que esto hace referencia ya no existe.",
	"Something that has to be unique is taken already: %s.":                                "Algo que debe ser único ya está ocupado: %s.",

	"Restore this version…":                 "Restaurar esta versión…",
	"This is how it was at":                 "Así era el",
	"Nothing is changed until you save it.": "No cambia nada hasta que lo guardes.",
	"Restore all %d deleted with it":        "Restaurar las %d eliminadas a la vez",
	"Done to %d rows at once":               "Hecho a %d filas a la vez",

	"Group permissions": "Permisos del grupo",
	"User permissions":  "Permisos propios",
	"User groups":       "Pertenencias a grupos",
	"Sessions":          "Sesiones",
	"Email changes":     "Cambios de correo",
	"One time codes":    "Códigos de un solo uso",
	"Outbox messages":   "Correos",
	"Project members":   "Miembros de proyectos",
	"Ai integrations":   "Integraciones de IA",
}
