package i18n

// spanishPlace holds what the page of a row says of the list that one came from, and of
// what was typed and is not saved yet.
var spanishPlace = map[string]string{
	"Rows of the list":                    "Filas de la lista",
	"Previous row":                        "Fila anterior",
	"Next row":                            "Fila siguiente",
	"Back to the list":                    "Volver a la lista",
	"%s of %s":                            "%s de %s",
	"Clear the selection":                 "Quitar la selección",
	"Found: %s":                           "Encontrado: %s",
	"Somebody":                            "Alguien",
	"Add as new":                          "Añadir como nuevo",
	"Restore from the trash":              "Restaurar de la papelera",
	"Somebody else saved this meanwhile.": "Otra persona lo ha guardado mientras tanto.",
	"This was deleted meanwhile.":         "Se ha eliminado mientras tanto.",
	"What you typed is here and not saved yet.":                                                                                         "Lo que escribiste está aquí y todavía no se ha guardado.",
	"It is restored. What you typed is here and not saved yet.":                                                                         "Se ha restaurado. Lo que escribiste está aquí y todavía no se ha guardado.",
	"%s deleted this meanwhile (%s). What you typed is still here.":                                                                     "%s lo ha eliminado mientras tanto (%s). Lo que escribiste sigue aquí.",
	"%s saved this meanwhile (%s). Nothing is lost: compare what is marked below, then save anyway or open the page again.":             "%s lo ha guardado mientras tanto (%s). No se pierde nada: compara lo marcado abajo y guarda de todos modos o abre la página de nuevo.",
	"There are %d rows; at most %d can be saved. Remove some.":                                                                          "Hay %d filas; como máximo se pueden guardar %d. Quita algunas.",
	"Your session has ended. Log in to go on: what you typed is kept on this page, but for passwords, and not saved until you save it.": "Tu sesión ha terminado. Inicia sesión para seguir: lo que escribiste se conserva en esta página, salvo las contraseñas, y no se guarda hasta que lo guardes.",
	"I have logged in in another tab":                                                                                                   "He iniciado sesión en otra pestaña",
}
