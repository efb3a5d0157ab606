// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/items.h"

#include <cmath>

#include "src/base/encoding.h"
#include "src/media/facts.h"
#include "src/media/profile.h"

namespace butaca::gateway {

namespace {

// Null where nobody knows.
void write_number(json::Writer &writer, const char *name, unsigned number)
{
    writer.key(name);
    number > 0 ? writer.value(number) : writer.null();
}
void write_text(json::Writer &writer, const char *name, const std::string &text)
{
    writer.key(name);
    text.empty() ? writer.null() : writer.value(text);
}

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

void write_chapters(json::Writer &writer, const std::vector<media::Chapter> &chapters)
{
    constexpr std::int64_t ns_per_ms = 1'000'000;
    writer.key("chapters").begin_array();
    for (const auto &chapter : chapters) {
        writer.begin_object().member("start_ms", chapter.start_ns / ns_per_ms);
        writer.member("end_ms", chapter.end_ns / ns_per_ms).member("title", chapter.title);
        writer.member("language", chapter.language).end_object();
    }
    writer.end_array();
}

} // namespace

std::string picture_path(const std::string &item_id) { return "/api/v1/catalogue/" + item_id + "/picture"; }

void write_item(json::Writer &writer, const store::Item &item)
{
    writer.begin_object()
        .member("id", item.id)
        .member("slug", item.slug)
        .member("kind", media::to_string(item.kind));
    writer.member("title", item.title).member("artist", item.artist).member("album", item.album);
    if (item.kind == media::Kind::audio) {
        write_number(writer, "track", item.track);
        write_number(writer, "disc", item.disc);
        write_text(writer, "album_id", item.album_id);
        write_text(writer, "artist_id", item.artist_id);
    }
    write_number(writer, "year", item.year);
    writer.member("duration_ms", item.duration_ms);
    writer.key("price")
        .begin_object()
        .member("amount", item.price_minor)
        .member("currency", item.currency)
        .end_object();
    // Until there are accounts every title is free, and what is free is everybody's.
    writer.member("owned", item.price_minor == 0);
    auto document = json::Value::parse(item.facts);
    auto asset = document ? media::asset_from_json(*document) : fail(document.error());
    write_text(writer, "picture_url", asset && !asset->cover.empty() ? picture_path(item.id) : "");
    if (asset) {
        writer.member("playable", !asset->broken).member("problem", asset->reason);
        write_tracks(writer, *asset);
        write_chapters(writer, media::chapters_of(*asset));
    }
    writer.end_object();
}

Result<Paging> paging_from(const http::Request &request)
{
    Paging paging;
    if (auto at = request.query.find("limit"); at != request.query.end()) {
        auto limit = to_integer<unsigned>(at->second);
        if (!limit || *limit < 1 || *limit > 200)
            return fail(ErrorCode::invalid_argument, "\"limit\" must be a whole number from 1 to 200");
        paging.limit = *limit;
    }
    paging.cursor = query_parameter(request, "cursor");
    return paging;
}

std::string query_parameter(const http::Request &request, const char *name)
{
    auto at = request.query.find(name);
    return at == request.query.end() ? "" : at->second;
}

http::Response end_page(json::Writer &writer, const std::string &next)
{
    writer.end_array().key("next");
    next.empty() ? writer.null() : writer.value(next);
    return http::Response::json(200, writer.end_object().take());
}

Result<store::ListQuery> catalogue_query(const http::Request &request)
{
    store::ListQuery query;
    query.text = query_parameter(request, "q");
    if (auto at = request.query.find("kind"); at != request.query.end()) {
        if (at->second != "video" && at->second != "audio")
            return fail(ErrorCode::invalid_argument, "\"kind\" must be video or audio");
        query.kind = at->second == "video" ? media::Kind::video : media::Kind::audio;
    }
    auto paging = paging_from(request);
    if (!paging)
        return fail(paging.error());
    query.limit = paging->limit;
    query.cursor = paging->cursor;
    return query;
}

} // namespace butaca::gateway
