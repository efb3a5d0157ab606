// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/gathering.h"

#include <utility>

namespace butaca::gateway {

std::shared_ptr<Gathering> Gathering::begin(playback::SegmentService &segments,
                                            const std::shared_ptr<const playback::JobSource> &source,
                                            std::int64_t number, const std::string &viewer, Done done,
                                            playback::Priority priority)
{
    auto gathering = std::make_shared<Gathering>();
    gathering->done_ = std::move(done);
    std::weak_ptr<Gathering> weak = gathering;
    gathering->waiter_ = segments.get(source, number, priority, viewer,
                                      {[weak](const std::shared_ptr<GBytes> &chunk) {
                                           gsize size_bytes = 0;
                                           const auto *data = static_cast<const char *>(
                                               g_bytes_get_data(chunk.get(), &size_bytes));
                                           if (auto self = weak.lock())
                                               self->bytes_.append(data, size_bytes);
                                       },
                                       [weak] {
                                           if (auto self = weak.lock())
                                               self->finish(std::move(self->bytes_));
                                       },
                                       [weak](const Error &error) {
                                           if (auto self = weak.lock())
                                               self->finish(fail(error));
                                       }});
    return gathering;
}

void Gathering::finish(Result<std::string> whole) { std::exchange(done_, {})(std::move(whole)); }

} // namespace butaca::gateway
