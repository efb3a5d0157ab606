// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/catalogue.h"

#include <cmath>

#include "src/base/encoding.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/media/profile.h"
#include "store/catalogue.h"

namespace butaca::gateway {

namespace {

void write_tracks(json::Writer &writer, const media::Asset &asset)
{
    writer.key("video").begin_array();
    for (const auto &track : asset.video) {
        media::Size size = media::display_size(track);
        writer.begin_object().member("index", track.index).member("codec", track.codec);
        writer.member("width", size.width).member("height", size.height);
        double rate = static_cast<double>(track.frame_rate.num) / static_cast<double>(track.frame_rate.den);
        // Null where it varies: a made-up number would be worse than none.
        writer.key("frame_rate");
        rate > 0 ? writer.value(std::round(rate * 1000) / 1000) : writer.null();
        writer.member("problem", track.reason).end_object();
    }
    writer.end_array().key("audio").begin_array();
    for (const auto &track : asset.audio) {
        writer.begin_object().member("index", track.index).member("language", track.language);
        writer.member("codec", track.codec).member("channels", track.channels);
        writer.member("problem", track.reason).end_object();
    }
    writer.end_array().key("subtitles").begin_array();
    for (const auto &track : asset.subtitles) {
        writer.begin_object().member("index", track.index).member("language", track.language);
        writer.member("name", track.name).member("format", track.format);
        writer.member("forced", track.forced).member("hearing_impaired", track.hearing_impaired);
        writer.member("form", media::to_string(track.form)).member("problem", track.reason);
        writer.end_object();
    }
    writer.end_array();
}

void write_item(json::Writer &writer, const store::Item &item)
{
    writer.begin_object()
        .member("id", item.id)
        .member("slug", item.slug)
        .member("kind", media::to_string(item.kind));
    writer.member("title", item.title).member("artist", item.artist).member("album", item.album);
    writer.key("year");
    item.year > 0 ? writer.value(item.year) : writer.null();
    writer.member("duration_ms", item.duration_ms);
    writer.key("price")
        .begin_object()
        .member("amount", item.price_minor)
        .member("currency", item.currency)
        .end_object();
    // Until there are accounts every title is free, and what is free is everybody's.
    writer.member("owned", item.price_minor == 0);
    writer.key("picture_url").null();

    auto document = json::Value::parse(item.facts);
    auto asset = document ? media::asset_from_json(*document) : fail(document.error());
    if (asset) {
        writer.member("playable", !asset->broken).member("problem", asset->reason);
        write_tracks(writer, *asset);
    }
    writer.end_object();
}

Result<store::ListQuery> query_from(const http::Request &request)
{
    store::ListQuery query;
    if (auto at = request.query.find("q"); at != request.query.end())
        query.text = at->second;
    if (auto at = request.query.find("kind"); at != request.query.end()) {
        if (at->second != "video" && at->second != "audio")
            return fail(ErrorCode::invalid_argument, "\"kind\" must be video or audio");
        query.kind = at->second == "video" ? media::Kind::video : media::Kind::audio;
    }
    if (auto at = request.query.find("limit"); at != request.query.end()) {
        auto limit = to_integer<unsigned>(at->second);
        if (!limit || *limit < 1 || *limit > 200)
            return fail(ErrorCode::invalid_argument, "\"limit\" must be a whole number from 1 to 200");
        query.limit = *limit;
    }
    if (auto at = request.query.find("cursor"); at != request.query.end())
        query.cursor = at->second;
    return query;
}

} // namespace

void list_catalogue(Services &services, const std::shared_ptr<const http::Request> &request,
                    const http::Responder &responder)
{
    auto query = query_from(*request);
    if (!query)
        return responder.respond(query.error());
    auto queued = services.database.call<store::Page>(
        [query = *query](pg::Connection &connection) { return store::list_items(connection, query); },
        [responder](Result<store::Page> page) {
            if (!page)
                return responder.respond(page.error());
            json::Writer writer;
            writer.begin_object().key("items").begin_array();
            for (const auto &item : page->items)
                write_item(writer, item);
            writer.end_array().key("next");
            page->next.empty() ? writer.null() : writer.value(page->next);
            responder.respond(http::Response::json(200, writer.end_object().take()));
        });
    if (!queued)
        responder.respond(queued.error());
}

void show_item(Services &services, const std::shared_ptr<const http::Request> &request,
               const http::Responder &responder)
{
    auto queued = services.database.call<store::Item>(
        [id = request->params.find("id")->second](pg::Connection &connection) {
            return store::get_item(connection, id);
        },
        [responder](Result<store::Item> item) {
            if (!item)
                return responder.respond(item.error());
            json::Writer writer;
            write_item(writer, *item);
            responder.respond(http::Response::json(200, writer.take()));
        });
    if (!queued)
        responder.respond(queued.error());
}

} // namespace butaca::gateway
