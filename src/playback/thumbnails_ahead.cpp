// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/thumbnails_ahead.h"

#include <algorithm>

namespace butaca::playback {

namespace {

constexpr std::size_t titles_most = 8;

} // namespace

void ThumbnailsAhead::want(const std::shared_ptr<const JobSource> &thumbnails)
{
    const bool known = std::any_of(wanted_.begin(), wanted_.end(), [&](const auto &other) {
        return other->rendition() == thumbnails->rendition();
    });
    if (known)
        return;
    wanted_.push_back(thumbnails);
    if (wanted_.size() > titles_most)
        wanted_.erase(wanted_.begin() + 1);
    if (!waiter_)
        next();
}

void ThumbnailsAhead::next()
{
    while (!wanted_.empty()) {
        const auto &source = wanted_.front();
        while (sheet_ < source->segments() && segments_.known_size(source->key(sheet_)) > 0)
            sheet_++;
        if (sheet_ < source->segments()) {
            waiter_ = segments_.get(source, sheet_, Priority::idle, "",
                                    {[](const std::shared_ptr<GBytes> &) {}, [this] { finished(true); },
                                     [this](const Error &) { finished(false); }});
            return;
        }
        wanted_.pop_front();
        sheet_ = 0;
    }
}

// A title of which one sheet cannot be made is left alone.
void ThumbnailsAhead::finished(bool made)
{
    waiter_.reset();
    sheet_ = made ? sheet_ + 1 : wanted_.front()->segments();
    next();
}

} // namespace butaca::playback
