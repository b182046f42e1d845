package i18n

// spanishDeadLetters holds what is said of the jobs that the queue gave up.
var spanishDeadLetters = map[string]string{
	"Dead letter":               "Mensaje muerto",
	"Arguments":                 "Argumentos",
	"Put back":                  "Volver a poner en cola",
	"Redis does not answer.":    "Redis no responde.",
	"No worker knows this job.": "Ningún proceso conoce esta tarea.",
	"Jobs that can't be worked would be listed here.": "Aquí aparecerían las tareas que no se pueden procesar.",
}
