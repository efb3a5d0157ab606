// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/words.h"

#include <array>
#include <cstdlib>
#include <optional>

namespace butaca::client {

namespace {

constexpr const char *general_help_en = R"(Butaca plays your films and music to any player.

  butaca up        start everything on this machine
  butaca check     judge an HLS stream, anybody's, by the rules of HLS
  butaca --help    this page; "butaca up --help" says more about a command
  butaca --version
)";
constexpr const char *general_help_es =
    R"(Butaca reproduce sus películas y su música en cualquier reproductor.

  butaca up        pone todo en marcha en esta máquina
  butaca check     juzga un flujo HLS, de quien sea, según las reglas de HLS
  butaca --help    esta página; «butaca up --help» explica una orden
  butaca --version
)";

constexpr const char *up_help_en = R"(butaca up [options]: starts everything on this machine; Ctrl-C stops it.

  --video DIR      a folder of films; may be given more than once
  --audio DIR      a folder of music; may be given more than once
                   (with neither, the demo media are offered)
  --data DIR       where Butaca keeps its own files     (~/.local/share/butaca)
  --address A      the address that players reach       (127.0.0.1: this machine only)
  --port N         the port for HTTP                    (8080)
  --rtsp-port N    the port for RTSP                    (8554)
  --vs-port N      the video server's port, local only  (8081)
  --as-port N      the audio server's port, local only  (8082)
  --config FILE    a configuration file                 (butaca.conf in the data folder, if there is one)
  --set S.KEY=V    one value of the configuration; may be given more than once
)";
constexpr const char *up_help_es =
    R"(butaca up [opciones]: pone todo en marcha en esta máquina; Ctrl-C lo detiene.

  --video DIR      una carpeta de películas; puede repetirse
  --audio DIR      una carpeta de música; puede repetirse
                   (sin ninguna de las dos se ofrece la muestra incluida)
  --data DIR       donde Butaca guarda lo suyo                    (~/.local/share/butaca)
  --address A      la dirección a la que llegan los reproductores (127.0.0.1: solo esta máquina)
  --port N         el puerto de HTTP                              (8080)
  --rtsp-port N    el puerto de RTSP                              (8554)
  --vs-port N      el puerto del servidor de vídeo, solo local    (8081)
  --as-port N      el puerto del servidor de audio, solo local    (8082)
  --config FICHERO un fichero de configuración                    (butaca.conf de la carpeta de datos, si existe)
  --set S.CLAVE=V  un valor de la configuración; puede repetirse
)";

constexpr const char *check_help_en = R"(butaca check [options] URL: fetches an HLS stream and judges it.

The rules are those of RFC 8216 and of Apple's HLS authoring specification; docs/check.md lists them.

  --json           the findings as JSON
  --limit N        look at the first N segments of each playlist only
  --header H       a header for every request ("Name: value"); may be given more than once
  --timeout S      seconds that one answer may take        (60)
  --max-time S     seconds after which what came is judged (3600)
  --rules          list the rules, without a URL

Ends with 0 when no MUST is broken, 1 when one is, 2 when there was nothing that could be checked.
)";
constexpr const char *check_help_es =
    R"(butaca check [opciones] URL: descarga un flujo HLS y lo juzga.

Las reglas son las de RFC 8216 y las de la especificación de Apple para autores de HLS; están en docs/check.md.

  --json           el resultado en JSON
  --limit N        mira solo los primeros N segmentos de cada lista
  --header H       una cabecera para cada petición («Nombre: valor»); puede repetirse
  --timeout S      segundos que puede tardar una respuesta        (60)
  --max-time S     segundos tras los que se juzga lo que ha venido (3600)
  --rules          enumera las reglas, sin URL

Termina con 0 si se cumple lo obligatorio (MUST), con 1 si no, y con 2 si no había nada que juzgar.
)";

struct Entry {
    const char *english;
    const char *spanish;
};

// In the order of Word.
constexpr std::array<Entry, 32> table{{
    {general_help_en, general_help_es},
    {up_help_en, up_help_es},
    {"There is no command \"{}\". See: butaca --help", "No existe la orden «{}». Véase: butaca --help"},
    {"There is no option {}. See: butaca up --help", "No existe la opción {}. Véase: butaca up --help"},
    {"The option {} needs a value.", "La opción {} necesita un valor."},
    {"\"{}\" is no port for {}: a number from 1 to 65535 is needed.",
     "«{}» no es un puerto para {}: hace falta un número de 1 a 65535."},
    {"\"{}\" is no IP address.", "«{}» no es una dirección IP."},
    {"Port {} is given twice.", "El puerto {} está repetido."},
    {"There is no folder {}.", "No existe la carpeta {}."},
    {"No folder was given, and the demo media are not installed. Name one with --video or --audio.",
     "No se ha dado ninguna carpeta y la muestra no está instalada. Indique una con --video o --audio."},
    {"Butaca is running already on the data folder {}.",
     "Butaca ya está en marcha con la carpeta de datos {}."},
    {"Port {} is in use by another program. Choose another one with {}.",
     "Otro programa ocupa el puerto {}. Elija otro con {}."},
    {"The program {} is missing; the installation is not complete.",
     "Falta el programa {}; la instalación no está completa."},
    {"PostgreSQL {} is not installed (Debian package postgresql-15).",
     "PostgreSQL {} no está instalado (paquete postgresql-15 de Debian)."},
    {"PostgreSQL refuses to run as root: it runs as the user postgres, who owns {}.",
     "PostgreSQL no funciona como root: lo hace el usuario postgres, dueño de {}."},
    {"Making the database ...", "Creando la base de datos ..."},
    {"The database of an earlier run is still there; stopping it ...",
     "Sigue en marcha la base de datos de una vez anterior; deteniéndola ..."},
    {"Starting ...", "Arrancando ..."},
    {"{} stopped ({}); starting it again in {} s. Its log: {}",
     "{} se ha detenido ({}); arranca de nuevo en {} s. Su registro: {}"},
    {"{} does not start. The end of its log, {}:", "{} no arranca. El final de su registro, {}:"},
    {"Stopping ...", "Deteniendo ..."},
    {"Stopped.", "Detenido."},
    {"Butaca cannot go on: {}", "Butaca no puede seguir: {}"},
    {"Your administrator is {} with the password {} (shown this once; change it, or set another one with "
     "BUTACA_ADMIN_EMAIL and BUTACA_ADMIN_PASSWORD before the first start).",
     "Su administrador es {} con la contraseña {} (no se volverá a mostrar; cámbiela, o fije otra con "
     "BUTACA_ADMIN_EMAIL y BUTACA_ADMIN_PASSWORD antes del primer arranque)."},
    {check_help_en, check_help_es},
    {"There is no option {}. See: butaca check --help", "No existe la opción {}. Véase: butaca check --help"},
    {"One address at a time can be checked.", "Las direcciones se comprueban de una en una."},
    {"\"{}\" is no address of a playlist: http://... or https://... is needed.",
     "«{}» no es la dirección de una lista: hace falta http://... o https://..."},
    {"\"{}\" is no header: \"Name: value\" is needed.",
     "«{}» no es una cabecera: hace falta «Nombre: valor»."},
    {"\"{}\" does not suit {}: a number from 1 to 1000000 is needed.",
     "«{}» no vale para {}: hace falta un número de 1 a 1000000."},
    {"{} of {} segments ...", "{} de {} segmentos ..."},
    {"{} could not be checked: {}", "No se ha podido comprobar {}: {}"},
}};

std::optional<Language> spoken;

} // namespace

std::string say(Word word, std::initializer_list<std::string_view> values)
{
    const Entry &entry = table[static_cast<std::size_t>(word)];
    return fill_in(spoken_language() == Language::spanish ? entry.spanish : entry.english, values);
}

void speak(Language language) { spoken = language; }

Language spoken_language()
{
    if (!spoken)
        spoken = language_of_environment();
    return *spoken;
}

Language language_of_environment()
{
    for (const char *name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char *value = std::getenv(name); value && *value)
            return std::string_view(value).starts_with("es") ? Language::spanish : Language::english;
    return Language::english;
}

} // namespace butaca::client
