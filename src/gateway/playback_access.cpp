// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/playback_access.h"

namespace butaca::gateway {

void with_playable(Services &services, const std::shared_ptr<const http::Request> &request,
                   const http::Responder &responder,
                   std::function<void(const PlaybackTicket &, const PlayablePtr &)> go_on)
{
    auto ticket = open_ticket(services.key, request->params.find("token")->second, unix_now_s());
    if (!ticket)
        return responder.respond(ticket.error());
    services.presentations.get(
        ticket->digest, ticket->wishes,
        [ticket = *ticket, responder, go_on = std::move(go_on)](Result<PlayablePtr> playable) {
            playable ? go_on(ticket, *playable) : responder.respond(playable.error());
        });
}

} // namespace butaca::gateway
