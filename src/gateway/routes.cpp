// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/accounts.h"
#include "src/gateway/admin_accounts.h"
#include "src/gateway/catalogue.h"
#include "src/gateway/chapters.h"
#include "src/gateway/collections.h"
#include "src/gateway/health.h"
#include "src/gateway/music.h"
#include "src/gateway/pages.h"
#include "src/gateway/playbacks.h"
#include "src/gateway/services.h"
#include "src/gateway/sessions.h"
#include "src/gateway/sound_file.h"
#include "src/gateway/stream.h"
#include "src/gateway/thumbnails.h"
#include "src/gateway/wallets.h"

namespace butaca::gateway {

using http::Request;
using http::Responder;
using RequestPtr = std::shared_ptr<const Request>;

// NOLINTNEXTLINE(readability-function-size): it is the table, in one piece
std::vector<http::Route> routes(Services &services)
{
    constexpr std::size_t json_limit_bytes = 64UL * 1024;
    constexpr std::size_t account_limit_bytes = 8UL * 1024;
    Services *s = &services;
    return {
        {"GET", "/api/v1/catalogue",
         [s](const RequestPtr &q, const Responder &r) { list_catalogue(*s, q, r); }},
        {"GET", "/api/v1/catalogue/{id}",
         [s](const RequestPtr &q, const Responder &r) { show_item(*s, q, r); }},
        {"GET", "/api/v1/catalogue/{id}/picture",
         [s](const RequestPtr &q, const Responder &r) { send_picture(*s, q, r); }},
        {"GET", "/api/v1/albums", [s](const RequestPtr &q, const Responder &r) { list_albums(*s, q, r); }},
        {"GET", "/api/v1/albums/{id}",
         [s](const RequestPtr &q, const Responder &r) { show_album(*s, q, r); }},
        {"GET", "/api/v1/artists", [s](const RequestPtr &q, const Responder &r) { list_artists(*s, q, r); }},
        {"GET", "/api/v1/catalogue.m3u8",
         [s](const RequestPtr &q, const Responder &r) {
             send_catalogue_playlist(*s, CollectionForm::m3u8, q, r);
         }},
        {"GET", "/api/v1/catalogue.xspf",
         [s](const RequestPtr &q, const Responder &r) {
             send_catalogue_playlist(*s, CollectionForm::xspf, q, r);
         }},
        {"GET", "/api/v1/albums/{id}/playlist.m3u8",
         [s](const RequestPtr &q, const Responder &r) {
             send_album_playlist(*s, CollectionForm::m3u8, q, r);
         }},
        {"GET", "/api/v1/albums/{id}/playlist.xspf",
         [s](const RequestPtr &q, const Responder &r) {
             send_album_playlist(*s, CollectionForm::xspf, q, r);
         }},
        {"POST", "/api/v1/playbacks",
         [s](const RequestPtr &q, const Responder &r) { create_playback(*s, q, r); }, json_limit_bytes},
        {"POST", "/api/v1/accounts", [s](const RequestPtr &q, const Responder &r) { sign_up(*s, q, r); },
         account_limit_bytes},
        {"POST", "/api/v1/sessions", [s](const RequestPtr &q, const Responder &r) { log_in(*s, q, r); },
         account_limit_bytes},
        {"GET", "/api/v1/sessions",
         [s](const RequestPtr &q, const Responder &r) { list_sessions(*s, q, r); }},
        {"DELETE", "/api/v1/sessions",
         [s](const RequestPtr &q, const Responder &r) { end_other_sessions(*s, q, r); }},
        {"DELETE", "/api/v1/sessions/current",
         [s](const RequestPtr &q, const Responder &r) { log_out(*s, q, r); }},
        {"DELETE", "/api/v1/sessions/{id}",
         [s](const RequestPtr &q, const Responder &r) { end_session(*s, q, r); }},
        {"GET", "/api/v1/me", [s](const RequestPtr &q, const Responder &r) { show_me(*s, q, r); }},
        {"PATCH", "/api/v1/me", [s](const RequestPtr &q, const Responder &r) { change_me(*s, q, r); },
         account_limit_bytes},
        {"DELETE", "/api/v1/me", [s](const RequestPtr &q, const Responder &r) { delete_me(*s, q, r); },
         account_limit_bytes},
        {"GET", "/api/v1/me/export", [s](const RequestPtr &q, const Responder &r) { export_me(*s, q, r); }},
        {"GET", "/api/v1/me/wallet", [s](const RequestPtr &q, const Responder &r) { show_wallet(*s, q, r); }},
        {"PUT", "/api/v1/me/password",
         [s](const RequestPtr &q, const Responder &r) { change_password(*s, q, r); }, account_limit_bytes},
        {"PUT", "/api/v1/password-resets",
         [s](const RequestPtr &q, const Responder &r) { use_password_reset(*s, q, r); }, account_limit_bytes},
        {"GET", "/api/v1/admin/accounts",
         [s](const RequestPtr &q, const Responder &r) { list_accounts(*s, q, r); }},
        {"POST", "/api/v1/admin/accounts/{id}/credit",
         [s](const RequestPtr &q, const Responder &r) { give_credit(*s, q, r); }, account_limit_bytes},
        {"POST", "/api/v1/admin/accounts",
         [s](const RequestPtr &q, const Responder &r) { create_account(*s, q, r); }, account_limit_bytes},
        {"PATCH", "/api/v1/admin/accounts/{id}",
         [s](const RequestPtr &q, const Responder &r) { change_account(*s, q, r); }, account_limit_bytes},
        {"POST", "/api/v1/admin/accounts/{id}/password-reset",
         [s](const RequestPtr &q, const Responder &r) { create_password_reset(*s, q, r); }},
        {"GET", "/api/v1/openapi.json", [](const Request &) { return describe_interface(); }},
        {"GET", "/s/{token}/master.m3u8",
         [s](const RequestPtr &q, const Responder &r) { send_multivariant(*s, q, r); }, 0, false},
        {"GET", "/s/{token}/manifest.mpd",
         [s](const RequestPtr &q, const Responder &r) { send_dash_manifest(*s, q, r); }, 0, false},
        {"GET", "/s/{token}/chapters.json",
         [s](const RequestPtr &q, const Responder &r) { send_chapters_json(*s, q, r); }, 0, false},
        {"GET", "/s/{token}/chapters.vtt",
         [s](const RequestPtr &q, const Responder &r) { send_chapters_vtt(*s, q, r); }, 0, false},
        {"GET", "/s/{token}/stream.mp3",
         [s](const RequestPtr &q, const Responder &r) { send_sound_file(*s, "mp3", q, r); }, 0, false},
        {"GET", "/s/{token}/stream.opus",
         [s](const RequestPtr &q, const Responder &r) { send_sound_file(*s, "opus", q, r); }, 0, false},
        {"GET", "/s/{token}/stream.m4a",
         [s](const RequestPtr &q, const Responder &r) { send_sound_file(*s, "m4a", q, r); }, 0, false},
        {"GET", "/s/{token}/stream.flac",
         [s](const RequestPtr &q, const Responder &r) { send_sound_file(*s, "flac", q, r); }, 0, false},
        {"GET", "/s/{token}/thumbnails.vtt",
         [s](const RequestPtr &q, const Responder &r) { send_thumbnail_index(*s, q, r); }, 0, false},
        {"GET", "/s/{token}/{file}",
         [s](const RequestPtr &q, const Responder &r) { send_thumbnail_sheet(*s, q, r); }, 0, false},
        {"GET", "/s/{token}/{rendition}/{file}",
         [s](const RequestPtr &q, const Responder &r) { send_part(*s, q, r); }, 0, false},
        {"GET", "/healthz", [](const Request &) { return alive(); }},
        {"GET", "/readyz", [s](const RequestPtr &q, const Responder &r) { report_readiness(*s, q, r); }},
        {"GET", "/metrics", [s](const Request &) { return metrics(*s); }},
        {"GET", "/", [s](const Request &q) { return send_page(*s, q, "index.html"); }},
        {"GET", "/assets/{file}", [s](const Request &q) { return send_asset(*s, q); }},
    };
}

} // namespace butaca::gateway
