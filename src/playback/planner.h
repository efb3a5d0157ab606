// SPDX-License-Identifier: LGPL-2.1-or-later
// Decides: wishes and the facts of an original in, a presentation out. Pure; nothing here touches a file, a
// clock or a network.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/media/facts.h"
#include "src/media/index.h"
#include "src/playback/presentation.h"
#include "src/playback/wishes.h"

namespace butaca::playback {

// The encoders that workers have: codec -> name and version.
using Encoders = std::map<std::string, std::string, std::less<>>;

// What stands for demuxers, parsers and decoders among them: they have a say in the bytes as well.
std::string toolchain(const Encoders &encoders);

// The same wishes, facts and encoders always give the same renditions with the same identities. `unsupported`
// when nothing of the original can be played here; `unprocessable` names the wish that cannot be met.
Result<Presentation> plan(const std::shared_ptr<const media::Asset> &asset,
                          const std::shared_ptr<const media::PacketIndex> &index, const Wishes &wishes,
                          const Encoders &encoders);

} // namespace butaca::playback
