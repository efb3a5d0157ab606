// SPDX-License-Identifier: LGPL-2.1-or-later
// GET /api/v1/albums, /api/v1/albums/{id} and /api/v1/artists.
#pragma once

#include <memory>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// 200 {items, next}; `q`, `artist` (an artist's id), `limit` and `cursor` narrow it.
void list_albums(Services &services, const std::shared_ptr<const http::Request> &request,
                 const http::Responder &responder);

// 200 Album with its tracks as items, in the order of discs and tracks; 404.
void show_album(Services &services, const std::shared_ptr<const http::Request> &request,
                const http::Responder &responder);

// 200 {items, next}; `q`, `limit` and `cursor` narrow it.
void list_artists(Services &services, const std::shared_ptr<const http::Request> &request,
                  const http::Responder &responder);

} // namespace butaca::gateway
