// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/catalogue.h"

#include "src/gateway/items.h"
#include "src/http/range.h"

namespace butaca::gateway {

void list_catalogue(Services &services, const std::shared_ptr<const http::Request> &request,
                    const http::Responder &responder)
{
    auto query = catalogue_query(*request);
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
            responder.respond(end_page(writer, page->next));
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

void send_picture(Services &services, const std::shared_ptr<const http::Request> &request,
                  const http::Responder &responder)
{
    auto queued = services.database.call<store::Item>(
        [id = request->params.find("id")->second](pg::Connection &connection) {
            return store::get_item(connection, id);
        },
        [&services, request, responder](Result<store::Item> item) {
            if (!item)
                return responder.respond(item.error());
            auto asset = services.origins.find(item->digest);
            if (!asset || asset->cover.empty())
                return responder.respond(Error{ErrorCode::not_found, "it came without a picture", {}, 0});
            services.origins.cover(*asset, [request, responder, tag = "\"" + asset->cover + "\""](
                                               Result<std::shared_ptr<const media::Cover>> cover) {
                if (!cover)
                    return responder.respond(cover.error());
                auto response =
                    http::serve_bytes(*request, http::share_bytes((*cover)->bytes), tag, (*cover)->type);
                response.headers.set("Cache-Control", "public, max-age=86400");
                // From a stranger's file: it is a picture and nothing else.
                response.headers.set("X-Content-Type-Options", "nosniff");
                response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
                responder.respond(std::move(response));
            });
        });
    if (!queued)
        responder.respond(queued.error());
}

} // namespace butaca::gateway
