// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/app/settings.h"

#include <cstdio>

#include "src/base/config.h"
#include "src/base/gobject.h"

namespace butaca::app {

namespace {

// What GOption fills in; C types, owned until they are copied.
struct Options {
    char *data = nullptr;
    char *address = nullptr;
    int port = 8080;
    int rtsp_port = 8554;
    char *database = nullptr;
    char **video_servers = nullptr;
    char **audio_servers = nullptr;
    char *origin_key = nullptr;
    char *session_key = nullptr;
    char *first_administrator = nullptr;
    char *worker = nullptr;
    char *web = nullptr;
    char *config = nullptr;
    char **assignments = nullptr;
    gboolean version = FALSE;

    ~Options()
    {
        for (char *text :
             {data, address, database, origin_key, session_key, first_administrator, worker, web, config})
            g_free(text);
        for (char **list : {video_servers, audio_servers, assignments})
            g_strfreev(list);
    }
};

Status parse(Options &options, int argc, char **argv)
{
    const GOptionEntry entries[] = {
        {"data", 0, 0, G_OPTION_ARG_FILENAME, &options.data, "Folder for segments and indexes", "DIR"},
        {"address", 0, 0, G_OPTION_ARG_STRING, &options.address, "Address to listen on (127.0.0.1)", "IP"},
        {"port", 0, 0, G_OPTION_ARG_INT, &options.port, "Port for HTTP (8080)", "N"},
        {"rtsp-port", 0, 0, G_OPTION_ARG_INT, &options.rtsp_port, "Port for RTSP (8554)", "N"},
        {"database", 0, 0, G_OPTION_ARG_STRING, &options.database, "PostgreSQL connection string", "DSN"},
        {"vs", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.video_servers, "A video server; may be given again",
         "URL"},
        {"as", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.audio_servers, "An audio server; may be given again",
         "URL"},
        {"origin-key", 0, 0, G_OPTION_ARG_FILENAME, &options.origin_key,
         "Key shared with the video and audio servers", "FILE"},
        {"session-key", 0, 0, G_OPTION_ARG_FILENAME, &options.session_key,
         "Key that signs playback URLs; made if missing", "FILE"},
        {"first-administrator", 0, 0, G_OPTION_ARG_FILENAME, &options.first_administrator,
         "Makes an administrator where there is none, and writes address and password here", "FILE"},
        {"worker", 0, 0, G_OPTION_ARG_FILENAME, &options.worker, "The butaca-worker program", "FILE"},
        {"web", 0, 0, G_OPTION_ARG_FILENAME, &options.web, "Folder of the built web page", "DIR"},
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &options.config, "Configuration file", "FILE"},
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.assignments,
         "Overrides one setting; may be given again", "SECTION.KEY=VALUE"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options.version, "Prints the version", nullptr},
        {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
    auto context = adopt(g_option_context_new("- Butaca's application server"));
    g_option_context_add_main_entries(context.get(), entries, nullptr);
    Owned<GError> error;
    if (!g_option_context_parse(context.get(), &argc, &argv, Out(error)))
        return fail(ErrorCode::invalid_argument, error->message);
    if (argc > 1)
        return fail(ErrorCode::invalid_argument,
                    std::string("\"") + argv[1] + "\" is not an option; see --help");
    return {};
}

std::string text_or(const char *text, std::string_view fallback)
{
    return text ? text : std::string(fallback);
}

Status add_origins(char **urls, const char *scheme, std::vector<playback::OriginAddress> &into)
{
    for (char **url = urls; url && *url; url++) {
        std::string text = *url;
        if (!text.starts_with("http://"))
            return fail(ErrorCode::invalid_argument,
                        "\"" + text + "\" is not the URL of a server; write http://host:port");
        into.push_back({scheme, text});
    }
    return {};
}

Status take_numbers(const Config &config, Settings &settings)
{
    auto workers = config.integer("workers", "count", 0, 0, 256);
    auto memory = config.size_bytes("cache", "memory_bytes", settings.service.memory_cache_bytes);
    auto quota = config.size_bytes("cache", "quota_bytes", settings.service.disk_quota_bytes);
    auto watchdog = config.integer("workers", "watchdog_ms", 10000, 500, 600000);
    auto ahead = config.integer("workers", "look_ahead_segments", 3, 0, 64);
    auto thumbnails = config.boolean("workers", "thumbnails_ahead", settings.thumbnails_ahead);
    auto per_address = config.integer("http", "connections_per_address", 256, 1, 100000);
    auto connections = config.integer("http", "connections", 4096, 1, 100000);
    auto life = config.integer("playback", "life_s", settings.playback_life_s, 1, 30LL * 24 * 3600);
    auto cross_origin = config.boolean("http", "cross_origin", true);
    for (const Error *error :
         {workers ? nullptr : &workers.error(), memory ? nullptr : &memory.error(),
          quota ? nullptr : &quota.error(), watchdog ? nullptr : &watchdog.error(),
          ahead ? nullptr : &ahead.error(), per_address ? nullptr : &per_address.error(),
          connections ? nullptr : &connections.error(), cross_origin ? nullptr : &cross_origin.error(),
          life ? nullptr : &life.error(), thumbnails ? nullptr : &thumbnails.error()})
        if (error)
            return fail(*error);
    settings.service.workers = *workers > 0 ? static_cast<unsigned>(*workers) : g_get_num_processors();
    settings.playback_life_s = *life;
    settings.service.memory_cache_bytes = *memory;
    settings.service.disk_quota_bytes = *quota;
    settings.service.watchdog = std::chrono::milliseconds(*watchdog);
    settings.service.look_ahead_segments = static_cast<unsigned>(*ahead);
    settings.thumbnails_ahead = *thumbnails;
    settings.server.connections_per_address_most = static_cast<unsigned>(*per_address);
    settings.server.connections_most = static_cast<unsigned>(*connections);
    settings.server.cross_origin = *cross_origin;
    settings.public_url = config.text_or("http", "public_url", "");
    settings.log_level = config.text_or("log", "level", "info");
    return {};
}

Status take_rtsp(const Config &config, Settings &settings)
{
    auto enabled = config.boolean("rtsp", "enabled", true);
    auto connections = config.integer("rtsp", "connections", settings.rtsp.connections_most, 1, 100000);
    auto per_address = config.integer("rtsp", "connections_per_address",
                                      settings.rtsp.connections_per_address_most, 1, 100000);
    auto idle = config.integer("rtsp", "idle_s", settings.rtsp.idle_s, 5, 3600);
    for (const Error *error :
         {enabled ? nullptr : &enabled.error(), connections ? nullptr : &connections.error(),
          per_address ? nullptr : &per_address.error(), idle ? nullptr : &idle.error()})
        if (error)
            return fail(*error);
    settings.rtsp_enabled = *enabled;
    settings.rtsp.connections_most = static_cast<unsigned>(*connections);
    settings.rtsp.connections_per_address_most = static_cast<unsigned>(*per_address);
    settings.rtsp.idle_s = static_cast<unsigned>(*idle);
    return {};
}

Status take_accounts(const Config &config, Settings &settings)
{
    auto &accounts = settings.accounts;
    auto sign_up = config.boolean("accounts", "sign_up", accounts.sign_up);
    auto life = config.integer("accounts", "session_life_s", accounts.session_life_s, 60, 3650LL * 24 * 3600);
    auto reset = config.integer("accounts", "reset_life_s", accounts.reset_life_s, 60, 365LL * 24 * 3600);
    auto passes = config.integer("accounts", "hash_passes",
                                 static_cast<std::int64_t>(accounts.hash_cost.passes), 1, 1000);
    auto memory = config.size_bytes("accounts", "hash_memory_bytes", accounts.hash_cost.memory_bytes);
    auto per_account =
        config.integer("accounts", "attempts_per_account", accounts.attempts_per_account, 1, 1000000);
    auto per_client =
        config.integer("accounts", "attempts_per_client", accounts.attempts_per_client, 1, 1000000);
    for (const Error *error :
         {sign_up ? nullptr : &sign_up.error(), life ? nullptr : &life.error(),
          reset ? nullptr : &reset.error(), passes ? nullptr : &passes.error(),
          memory ? nullptr : &memory.error(), per_account ? nullptr : &per_account.error(),
          per_client ? nullptr : &per_client.error()})
        if (error)
            return fail(*error);
    if (*memory < session::least_hash_memory_bytes || *memory > (4ULL << 30))
        return fail(ErrorCode::invalid_argument, "accounts.hash_memory_bytes must be from 8KiB to 4GiB");
    accounts.currency = config.text_or("money", "currency", accounts.currency);
    if (accounts.currency.size() != 3 ||
        accounts.currency.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos)
        return fail(ErrorCode::invalid_argument,
                    "money.currency must be three capital letters of ISO 4217, as EUR");
    accounts.sign_up = *sign_up;
    accounts.session_life_s = *life;
    accounts.reset_life_s = *reset;
    accounts.hash_cost = {static_cast<std::uint64_t>(*passes), *memory};
    accounts.attempts_per_account = static_cast<unsigned>(*per_account);
    accounts.attempts_per_client = static_cast<unsigned>(*per_client);
    settings.admin_email = config.text_or("admin", "email", "");
    settings.admin_password = config.text_or("admin", "password", "");
    if (settings.admin_email.empty() != settings.admin_password.empty())
        return fail(
            ErrorCode::invalid_argument,
            "BUTACA_ADMIN_EMAIL and BUTACA_ADMIN_PASSWORD (admin.email and admin.password) go together");
    if (!settings.admin_password.empty())
        return session::check_password(settings.admin_password);
    return {};
}

Status fill(const Options &options, Settings &settings)
{
    auto config = Config::load(text_or(options.config, ""));
    if (!config)
        return fail(config.error());
    for (char **assignment = options.assignments; assignment && *assignment; assignment++)
        if (auto set = config->set(*assignment); !set)
            return set;
    if (options.port < 0 || options.port > 65535)
        return fail(ErrorCode::invalid_argument, "--port must be from 0 to 65535");
    if (options.rtsp_port < 0 || options.rtsp_port > 65535)
        return fail(ErrorCode::invalid_argument, "--rtsp-port must be from 0 to 65535");
    settings.data_folder = text_or(options.data, "");
    settings.database_dsn = text_or(options.database, "");
    if (settings.data_folder.empty() || settings.database_dsn.empty())
        return fail(ErrorCode::invalid_argument,
                    "--data and --database are needed; `butaca up` gives them both");
    settings.origin_key_file = text_or(options.origin_key, settings.data_folder + "/origin.key");
    settings.session_key_file = text_or(options.session_key, settings.data_folder + "/session.key");
    settings.first_administrator_file = text_or(options.first_administrator, "");
    settings.web_folder = text_or(options.web, "");
    settings.server.address = text_or(options.address, "127.0.0.1");
    settings.server.port = static_cast<std::uint16_t>(options.port);
    settings.rtsp.address = settings.server.address;
    settings.rtsp.port = static_cast<std::uint16_t>(options.rtsp_port);
    settings.service.worker_path = text_or(options.worker, "butaca-worker");
    settings.service.cache_folder = settings.data_folder + "/cache";
    if (auto added = add_origins(options.video_servers, "vs", settings.origins); !added)
        return added;
    if (auto added = add_origins(options.audio_servers, "as", settings.origins); !added)
        return added;
    auto taken = take_numbers(*config, settings);
    if (taken)
        taken = take_rtsp(*config, settings);
    if (taken)
        taken = take_accounts(*config, settings);
    settings.unknown_keys = config->unused();
    return taken;
}

} // namespace

Result<std::optional<Settings>> Settings::from_command_line(int argc, char **argv)
{
    Options options;
    if (auto parsed = parse(options, argc, argv); !parsed)
        return fail(parsed.error());
    if (options.version) {
        std::puts("butaca-apps " BUTACA_VERSION);
        return std::optional<Settings>();
    }
    Settings settings;
    if (auto filled = fill(options, settings); !filled)
        return fail(filled.error());
    return std::optional<Settings>(std::move(settings));
}

} // namespace butaca::app
