// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/playback_ticket.h"

namespace butaca::gateway {

namespace {

constexpr std::string_view purpose = "playback";

} // namespace

std::string seal(const SigningKey &key, const PlaybackTicket &ticket, std::int64_t expires_at_s)
{
    return key.sign(purpose, ticket.id + "|" + ticket.digest + "|" + to_text(ticket.wishes), expires_at_s);
}

Result<PlaybackTicket> open_ticket(const SigningKey &key, std::string_view text, std::int64_t now_s)
{
    auto payload = key.verify(purpose, text, now_s);
    if (!payload)
        // The URL itself is the credential: there is nothing to log in with, so 403 and not 401.
        return fail(ErrorCode::forbidden, payload.error().message, payload.error().detail);
    auto first = payload->find('|');
    auto second = first == std::string::npos ? first : payload->find('|', first + 1);
    if (second == std::string::npos)
        return fail(ErrorCode::forbidden, "this playback is not one of ours");
    auto wishes = playback::wishes_from_text(std::string_view(*payload).substr(second + 1));
    if (!wishes)
        return fail(ErrorCode::forbidden, wishes.error().message);
    return PlaybackTicket{payload->substr(0, first), payload->substr(first + 1, second - first - 1),
                          std::move(*wishes)};
}

} // namespace butaca::gateway
