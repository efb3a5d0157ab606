// SPDX-License-Identifier: LGPL-2.1-or-later
// The signed part of every playback URL. It holds all that a playback is, so that URLs survive a restart of
// AppS and no table of playbacks is needed.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/result.h"
#include "src/base/signed.h"
#include "src/playback/wishes.h"

namespace butaca::gateway {

struct PlaybackTicket {
    std::string id; // of the playback; names the viewer to the scheduler
    std::string digest;
    playback::Wishes wishes;
};

std::string seal(const SigningKey &key, const PlaybackTicket &ticket, std::int64_t expires_at_s);
// `forbidden` when the signature does not hold or has expired.
Result<PlaybackTicket> open_ticket(const SigningKey &key, std::string_view text, std::int64_t now_s);

} // namespace butaca::gateway
