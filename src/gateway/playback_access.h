// SPDX-License-Identifier: LGPL-2.1-or-later
// From the token in a path to what it gives the right to.
#pragma once

#include <functional>
#include <memory>

#include "src/gateway/playback_ticket.h"
#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

using PlayablePtr = std::shared_ptr<const playback::Playable>;

// Opens the ticket in `{token}`, finds the presentation, and goes on with it, at once or later; every failure
// is answered here.
void with_playable(Services &services, const std::shared_ptr<const http::Request> &request,
                   const http::Responder &responder,
                   std::function<void(const PlaybackTicket &, const PlayablePtr &)> go_on);

} // namespace butaca::gateway
