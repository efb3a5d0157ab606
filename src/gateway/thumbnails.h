// SPDX-License-Identifier: LGPL-2.1-or-later
// GET /s/{token}/thumbnails.vtt and thumbnails-{n}.jpg: small pictures of a film on sheets, and where each
// is.
#pragma once

#include <memory>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// The index, known at once. 404 where there are none.
void send_thumbnail_index(Services &services, const std::shared_ptr<const http::Request> &request,
                          const http::Responder &responder);

// A sheet: one that exists is sent with Range, else it is made now, after all that players wait for. 404 for
// any other name in `{file}`.
void send_thumbnail_sheet(Services &services, const std::shared_ptr<const http::Request> &request,
                          const http::Responder &responder);

} // namespace butaca::gateway
