// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/collections.h"

#include "src/base/encoding.h"
#include "src/gateway/addresses.h"
#include "src/gateway/collection_text.h"
#include "src/gateway/items.h"
#include "src/gateway/playback_ticket.h"
#include "store/music.h"

namespace butaca::gateway {

namespace {

using RequestPtr = std::shared_ptr<const http::Request>;

bool is_playable(const Services &services, const store::Item &item)
{
    auto asset = services.origins.find(item.digest);
    return item.available && item.present && asset && !asset->broken;
}

CollectionEntry entry_of(const Services &services, const http::Request &request, const store::Item &item)
{
    PlaybackTicket ticket{random_hex(12), item.digest, {}};
    const std::string token = seal(services.key, ticket, unix_now_s() + services.playback_life_s);
    // Whatever plays music plays MP3, and gets it with its length and with ranges.
    const char *file = item.kind == media::Kind::audio ? "/stream.mp3" : "/master.m3u8";
    return {base_url(services, request) + "/s/" + token + file,
            item.title.empty() ? item.slug : item.title,
            item.artist,
            item.album,
            item.track,
            item.duration_ms};
}

http::Response answer(const Services &services, const http::Request &request, CollectionForm form,
                      std::string title, const std::vector<store::Item> &items)
{
    Collection collection{std::move(title), {}};
    for (const auto &item : items)
        if (is_playable(services, item))
            collection.entries.push_back(entry_of(services, request, item));
    // Not HLS' type: players would look for segments in it.
    auto response = form == CollectionForm::m3u8
                        ? http::Response::text(200, "audio/x-mpegurl; charset=utf-8", to_m3u8(collection))
                        : http::Response::text(200, "application/xspf+xml", to_xspf(collection));
    // The addresses in it are this viewer's own.
    response.headers.set("Cache-Control", "private, no-store");
    return response;
}

} // namespace

void send_catalogue_playlist(Services &services, CollectionForm form, const RequestPtr &request,
                             const http::Responder &responder)
{
    auto query = catalogue_query(*request);
    if (!query)
        return responder.respond(query.error());
    auto queued = services.database.call<store::Page>(
        [query = *query](pg::Connection &connection) { return store::list_items(connection, query); },
        [&services, form, request, responder](Result<store::Page> page) {
            page ? responder.respond(answer(services, *request, form, "Butaca", page->items))
                 : responder.respond(page.error());
        });
    if (!queued)
        responder.respond(queued.error());
}

void send_album_playlist(Services &services, CollectionForm form, const RequestPtr &request,
                         const http::Responder &responder)
{
    auto queued = services.database.call<store::WholeAlbum>(
        [id = request->params.find("id")->second](pg::Connection &connection) {
            return store::get_whole_album(connection, id);
        },
        [&services, form, request, responder](Result<store::WholeAlbum> found) {
            found ? responder.respond(answer(services, *request, form, found->album.title, found->tracks))
                  : responder.respond(found.error());
        });
    if (!queued)
        responder.respond(queued.error());
}

} // namespace butaca::gateway
