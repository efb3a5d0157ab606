// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/app/app.h"

#include <csignal>

#include "src/app/administrator.h"
#include "src/app/catalogue_sync.h"
#include "src/base/files.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/gateway/rtsp.h"
#include "src/gateway/services.h"
#include "src/http/server.h"
#include "store/migrate.h"
#include "store/sessions.h"

namespace butaca::app {

namespace {

constexpr unsigned database_threads = 4;
constexpr std::chrono::milliseconds drain_grace{5000};
constexpr std::chrono::minutes forget_period{60};

// What every response says, whatever it is.
http::Headers security_headers()
{
    http::Headers headers;
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    return headers;
}

Status migrate(const std::string &dsn)
{
    auto connection = pg::Connection::connect(dsn);
    if (!connection)
        return fail(connection.error());
    return store::migrate(*connection);
}

struct Keys {
    SigningKey origins;
    SigningKey playbacks;
};

Result<Keys> load_keys(const Settings &settings)
{
    auto origins = SigningKey::load_or_create(settings.origin_key_file);
    if (!origins)
        return fail(origins.error());
    auto playbacks = SigningKey::load_or_create(settings.session_key_file);
    if (!playbacks)
        return fail(playbacks.error());
    return Keys{*origins, *playbacks};
}

// What has ended takes no room for long.
void forget_expired_sessions(pg::Database &database)
{
    auto queued = database.call<std::int64_t>(store::forget_expired_sessions, [](Result<std::int64_t> gone) {
        gone ? log::debug("sessions.forgotten", {{"count", *gone}})
             : log::warn("sessions.not_forgotten", {{"why", gone.error().detail}});
    });
    if (!queued)
        log::warn("sessions.not_forgotten", {{"why", queued.error().message}});
}

// Null where it is switched off.
Result<std::unique_ptr<playback::rtsp::Server>> start_rtsp(const Settings &settings,
                                                           gateway::Services &services)
{
    if (!settings.rtsp_enabled)
        return nullptr;
    auto server =
        playback::rtsp::Server::start(settings.rtsp, services.segments, gateway::rtsp_tickets(services));
    if (!server)
        return fail(server.error());
    services.rtsp_port = (*server)->port();
    services.rtsp_counters = [raw = server->get()] { return raw->counters(); };
    return server;
}

} // namespace

Status run(Settings settings)
{
    for (const std::string &key : settings.unknown_keys)
        log::warn("config.unknown_key", {{"key", key}});
    std::string index_folder = settings.data_folder + "/indexes";
    for (const std::string &folder : {settings.data_folder, index_folder, settings.service.cache_folder})
        if (auto made = make_directories(folder); !made)
            return made;
    auto keys = load_keys(settings);
    if (!keys)
        return fail(keys.error());
    if (auto migrated = migrate(settings.database_dsn); !migrated)
        return migrated;
    if (auto made = ensure_administrator(settings); !made)
        return made;

    pg::Database database(settings.database_dsn, database_threads);
    CatalogueSync sync(database);
    playback::Origins origins(
        {settings.origins, keys->origins, index_folder},
        [&sync](const auto &origin, const auto &assets) { sync.offer(origin, assets); });
    playback::Presentations presentations(origins);
    sync.recall(origins, [&presentations] { presentations.titles_are_known(); });
    auto segments = playback::SegmentService::start(settings.service);
    if (!segments)
        return fail(segments.error());
    (*segments)->on_encoders(
        [&presentations](const auto &encoders) { presentations.set_encoders(encoders); });

    gateway::AccountServices accounts(settings.accounts);
    gateway::Services services{database, origins,         presentations,       **segments,
                               accounts, keys->playbacks, settings.public_url, settings.web_folder};
    services.database_ready = true;
    playback::ThumbnailsAhead thumbnails_ahead(**segments);
    // Where there is one worker it never rests for sure.
    if (settings.thumbnails_ahead && settings.service.workers > 1)
        services.thumbnails_ahead = &thumbnails_ahead;
    services.catalogue_stored = [&sync] { return sync.stored(); };
    services.playback_life_s = settings.playback_life_s;
    auto rtsp = start_rtsp(settings, services);
    if (!rtsp)
        return fail(rtsp.error());
    settings.server.default_headers = security_headers();
    auto server = http::Server::start(settings.server, gateway::routes(services));
    if (!server)
        return fail(server.error());
    log::info("apps.ready", {{"address", settings.server.address}, {"port", (*server)->port()}});

    Timer forget;
    forget.every(forget_period, [&database] { forget_expired_sessions(database); });
    auto loop = adopt(g_main_loop_new(nullptr, FALSE));
    auto stop = [&] { (*server)->drain(drain_grace, [&loop] { g_main_loop_quit(loop.get()); }); };
    SignalWatch on_interrupt(SIGINT, stop);
    SignalWatch on_terminate(SIGTERM, stop);
    g_main_loop_run(loop.get());
    log::info("apps.stopped");
    return {};
}

} // namespace butaca::app
