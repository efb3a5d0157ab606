// SPDX-License-Identifier: LGPL-2.1-or-later
// GET /s/{token}/…: playlists and segments. The signature in the path is the whole authority; nothing here
// asks the database.
#pragma once

#include <memory>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// The multivariant playlist.
void send_multivariant(Services &services, const std::shared_ptr<const http::Request> &request,
                       const http::Responder &responder);

// The DASH manifest, over the same segments.
void send_dash_manifest(Services &services, const std::shared_ptr<const http::Request> &request,
                        const http::Responder &responder);

// index.m3u8, ts.m3u8, {k}.vtt, {k}.ts.vtt, cues.vtt, init.mp4, {k}.m4s or {k}.ts of one rendition. A segment
// that exists is sent whole, with Range; one that does not is made now and sent while it is born. 403
// signature, 404 no such segment, 503 with Retry-After when its origin is down.
void send_part(Services &services, const std::shared_ptr<const http::Request> &request,
               const http::Responder &responder);

} // namespace butaca::gateway
