// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/playbacks.h"

#include "src/base/encoding.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/gateway/addresses.h"
#include "src/gateway/playback_ticket.h"
#include "src/gateway/rtsp.h"
#include "src/http/problem.h"
#include "src/playback/dash.h"
#include "src/playback/files/file_format.h"
#include "store/catalogue.h"

namespace butaca::gateway {

namespace {

using playback::Playable;
using playback::Wishes;
using PlayablePtr = std::shared_ptr<const Playable>;

// RFC 3339, in UTC.
std::string timestamp(std::int64_t unix_s)
{
    auto time = adopt(g_date_time_new_from_unix_utc(unix_s));
    auto text = adopt(g_date_time_format(time.get(), "%Y-%m-%dT%H:%M:%SZ"));
    return text.get();
}

// One request on its way through the database, the planner and admission.
struct Creation {
    Services &services;
    std::shared_ptr<const http::Request> request;
    http::Responder responder;
    std::string digest;
    Wishes wishes;
};

void write_plan(json::Writer &writer, const Creation &creation, const Playable &playable)
{
    auto language = creation.request->headers.get("Accept-Language").value_or("");
    bool spanish = http::prefers_spanish(language);
    writer.key("plan").begin_array();
    for (const auto &line : playable.presentation->plan) {
        writer.begin_object()
            .member("track", line.track)
            .member("action", line.action)
            .member("what", line.what);
        writer.member("why", spanish ? line.why_es : line.why_en).end_object();
    }
    writer.end_array();
}

// For players that know no playlists; only where there is sound.
void write_stream_urls(json::Writer &writer, const std::string &base, const Playable &playable)
{
    writer.key("stream_urls").begin_object();
    if (!playable.presentation->audio.empty())
        for (const char *format : playback::files::formats)
            writer.member(format, base + "/stream." + format);
    writer.end_object();
}

void answer(const Creation &creation, const Playable &playable)
{
    Services &services = creation.services;
    PlaybackTicket ticket{random_hex(12), creation.digest, creation.wishes};
    std::int64_t expires_at_s = unix_now_s() + services.playback_life_s;
    std::string sealed = seal(services.key, ticket, expires_at_s);
    std::string base = base_url(services, *creation.request) + "/s/" + sealed;
    json::Writer writer;
    writer.begin_object().member("id", ticket.id).member("hls_url", base + "/master.m3u8");
    write_stream_urls(writer, base, playable);
    writer.member("dash_url", base + "/" + playback::dash_manifest_name).key("rtsp_url");
    auto rtsp = rtsp_url(services, *creation.request, sealed, *playable.presentation);
    rtsp.empty() ? writer.null() : writer.value(rtsp);
    writer.key("thumbnails_url");
    playable.thumbnails ? writer.value(base + "/thumbnails.vtt") : writer.null();
    if (playable.thumbnails && services.thumbnails_ahead)
        services.thumbnails_ahead->want(playable.thumbnails);
    writer.member("expires_at", timestamp(expires_at_s));
    write_plan(writer, creation, playable);
    http::Response response = http::Response::json(201, writer.end_object().take());
    response.headers.set("Cache-Control", "no-store");
    creation.responder.respond(std::move(response));
    log::info("playback.created",
              {{"playback", ticket.id}, {"asset", creation.digest}, {"wishes", to_text(ticket.wishes)}});
}

// Admission: the largest picture that the machine can still make in time; copies always fit. When the wished
// one does not, the next lower rung is offered; when none does, the error says when to come back.
Result<unsigned> admitted_height(Services &services, const Playable &playable)
{
    Status refused;
    for (std::size_t i = 0; i < playable.video.size(); i++) {
        const auto &rendition = playable.presentation->video[i];
        refused = rendition.transform.copy ? Status() : services.segments.admit(*playable.video[i]);
        if (refused)
            return rendition.size.height;
    }
    return refused ? Result<unsigned>(0U) : fail(refused.error());
}

void planned(const std::shared_ptr<Creation> &creation, Result<PlayablePtr> playable)
{
    if (!playable)
        return creation->responder.respond(playable.error());
    if (creation->wishes.container == playback::Container::transport_stream &&
        !fits_transport_stream(*(*playable)->presentation))
        return creation->responder.respond(Error{
            ErrorCode::unprocessable,
            "the wish \"container\" cannot be met: a transport stream holds H.264 and AAC only", "", 0});
    auto height = admitted_height(creation->services, **playable);
    if (!height)
        return creation->responder.respond(height.error());
    const auto &video = (*playable)->presentation->video;
    if (video.empty() || *height == video.front().size.height)
        return answer(*creation, **playable);
    log::info("playback.lowered", {{"asset", creation->digest}, {"height", *height}});
    creation->wishes.max_height = *height;
    creation->services.presentations.get(
        creation->digest, creation->wishes, [creation](Result<PlayablePtr> lower) {
            lower ? answer(*creation, **lower) : creation->responder.respond(lower.error());
        });
}

} // namespace

void create_playback(Services &services, const std::shared_ptr<const http::Request> &request,
                     const http::Responder &responder)
{
    auto body = json::Value::parse(request->body, {64UL * 1024, 8});
    if (!body)
        return responder.respond(body.error());
    auto item = (*body)["item"].string();
    if (!body->is_object() || !item || item->empty() || item->size() > 255)
        return responder.respond(
            Error{ErrorCode::invalid_argument, "\"item\" must be the id or slug of a title", "", 0});
    auto wishes = playback::wishes_from_json(*body);
    if (!wishes)
        return responder.respond(wishes.error());
    auto creation =
        std::make_shared<Creation>(Creation{services, request, responder, "", std::move(*wishes)});
    auto queued = services.database.call<store::Item>(
        [id = *item](pg::Connection &connection) { return store::get_item(connection, id); },
        [creation](Result<store::Item> found) {
            if (!found)
                return creation->responder.respond(found.error());
            if (!found->available || !found->present)
                return creation->responder.respond(
                    Error{ErrorCode::not_found, "this title is not offered any more", "", 0});
            creation->digest = found->digest;
            creation->services.presentations.get(
                creation->digest, creation->wishes,
                [creation](Result<PlayablePtr> playable) { planned(creation, std::move(playable)); });
        });
    if (!queued)
        responder.respond(queued.error());
}

} // namespace butaca::gateway
