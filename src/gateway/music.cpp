// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/music.h"

#include "src/gateway/items.h"
#include "store/music.h"

namespace butaca::gateway {

namespace {

void write_album(json::Writer &writer, const store::Album &album)
{
    writer.member("id", album.id).member("title", album.title).member("artist", album.artist);
    writer.key("artist_id");
    album.artist_id.empty() ? writer.null() : writer.value(album.artist_id);
    writer.key("year");
    album.year > 0 ? writer.value(album.year) : writer.null();
    writer.member("tracks", album.tracks).member("duration_ms", album.duration_ms);
    writer.key("picture_url");
    album.has_cover ? writer.value(picture_path(album.first_item)) : writer.null();
}

Result<store::MusicQuery> query_from(const http::Request &request)
{
    auto paging = paging_from(request);
    if (!paging)
        return fail(paging.error());
    return store::MusicQuery{query_parameter(request, "q"), query_parameter(request, "artist"), paging->limit,
                             paging->cursor};
}

} // namespace

void list_albums(Services &services, const std::shared_ptr<const http::Request> &request,
                 const http::Responder &responder)
{
    auto query = query_from(*request);
    if (!query)
        return responder.respond(query.error());
    auto queued = services.database.call<store::AlbumPage>(
        [query = *query](pg::Connection &connection) { return store::list_albums(connection, query); },
        [responder](Result<store::AlbumPage> page) {
            if (!page)
                return responder.respond(page.error());
            json::Writer writer;
            writer.begin_object().key("items").begin_array();
            for (const auto &album : page->albums) {
                writer.begin_object();
                write_album(writer, album);
                writer.end_object();
            }
            responder.respond(end_page(writer, page->next));
        });
    if (!queued)
        responder.respond(queued.error());
}

void show_album(Services &services, const std::shared_ptr<const http::Request> &request,
                const http::Responder &responder)
{
    auto queued = services.database.call<store::WholeAlbum>(
        [id = request->params.find("id")->second](pg::Connection &connection) {
            return store::get_whole_album(connection, id);
        },
        [responder](Result<store::WholeAlbum> found) {
            if (!found)
                return responder.respond(found.error());
            json::Writer writer;
            writer.begin_object();
            write_album(writer, found->album);
            writer.key("items").begin_array();
            for (const auto &item : found->tracks)
                write_item(writer, item);
            writer.end_array().end_object();
            responder.respond(http::Response::json(200, writer.take()));
        });
    if (!queued)
        responder.respond(queued.error());
}

void list_artists(Services &services, const std::shared_ptr<const http::Request> &request,
                  const http::Responder &responder)
{
    auto query = query_from(*request);
    if (!query)
        return responder.respond(query.error());
    auto queued = services.database.call<store::ArtistPage>(
        [query = *query](pg::Connection &connection) { return store::list_artists(connection, query); },
        [responder](Result<store::ArtistPage> page) {
            if (!page)
                return responder.respond(page.error());
            json::Writer writer;
            writer.begin_object().key("items").begin_array();
            for (const auto &artist : page->artists) {
                writer.begin_object().member("id", artist.id).member("name", artist.name);
                writer.member("albums", artist.albums).member("tracks", artist.tracks).end_object();
            }
            responder.respond(end_page(writer, page->next));
        });
    if (!queued)
        responder.respond(queued.error());
}

} // namespace butaca::gateway
