// SPDX-License-Identifier: LGPL-2.1-or-later
// GET /api/v1/catalogue.{m3u8,xspf} and /api/v1/albums/{id}/playlist.{m3u8,xspf}: titles with addresses that
// play as they are, music as MP3, films over HLS. The addresses are signed and good as long as a playback's.
#pragma once

#include <memory>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

enum class CollectionForm { m3u8, xspf };

// What a list of the catalogue finds: `q`, `kind`, `limit` and `cursor` as there. Titles that cannot be
// played are left out.
void send_catalogue_playlist(Services &services, CollectionForm form,
                             const std::shared_ptr<const http::Request> &request,
                             const http::Responder &responder);

// The tracks of an album in their order. 404 when there is no such album.
void send_album_playlist(Services &services, CollectionForm form,
                         const std::shared_ptr<const http::Request> &request,
                         const http::Responder &responder);

} // namespace butaca::gateway
