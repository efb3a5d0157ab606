// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/rtsp.h"

#include <string_view>

#include "src/gateway/addresses.h"
#include "src/gateway/playback_ticket.h"

namespace butaca::gateway {

namespace {

// Without scheme, port and path: "films.example" of "https://films.example:8443/", "[::1]" of "[::1]:8080".
std::string host_in(std::string_view address)
{
    if (auto scheme = address.find("://"); scheme != std::string_view::npos)
        address.remove_prefix(scheme + 3);
    address = address.substr(0, address.find('/'));
    const auto after_address = address.starts_with('[') ? address.find(']') : 0;
    return std::string(address.substr(0, address.find(':', after_address)));
}

} // namespace

playback::rtsp::Tickets rtsp_tickets(Services &services)
{
    playback::rtsp::Tickets tickets;
    // The key never changes, and verifying is pure.
    tickets.check = [key = services.key](const std::string &text) {
        auto ticket = open_ticket(key, text, unix_now_s());
        return ticket ? Status() : fail(ticket.error());
    };
    tickets.open = [&services](const std::string &text,
                               std::function<void(Result<playback::rtsp::Opened>)> done) {
        auto ticket = open_ticket(services.key, text, unix_now_s());
        if (!ticket)
            return done(fail(ticket.error()));
        services.presentations.get(ticket->digest, ticket->wishes,
                                   [viewer = ticket->id, done = std::move(done)](
                                       Result<std::shared_ptr<const playback::Playable>> found) {
                                       if (found)
                                           done(playback::rtsp::Opened{*found, viewer});
                                       else
                                           done(fail(found.error()));
                                   });
    };
    return tickets;
}

std::string rtsp_url(const Services &services, const http::Request &request, const std::string &ticket,
                     const playback::Presentation &presentation)
{
    if (services.rtsp_port == 0 || !playback::rtsp::fits_rtp(presentation))
        return {};
    const std::string host = host_in(base_url(services, request));
    return "rtsp://" + host + ":" + std::to_string(services.rtsp_port) + "/s/" + ticket;
}

} // namespace butaca::gateway
