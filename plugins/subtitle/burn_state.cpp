// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/burn_state.h"

namespace butaca::subtitle {

namespace {

double pixel_aspect_of(const GstVideoInfo &info)
{
    const double aspect = info.par_n > 0 && info.par_d > 0 ? 1.0 * info.par_n / info.par_d : 1;
    return aspect > 0.05 && aspect < 20 ? aspect : 1; // no camera's: a damaged header
}

// Down also below zero.
std::int64_t milliseconds(std::int64_t time_ns)
{
    constexpr std::int64_t unit = 1'000'000;
    return time_ns / unit - (time_ns % unit < 0 ? 1 : 0);
}

} // namespace

bool BurnState::load(const std::string &script, GVariant *pictures, std::string &why)
{
    script_.reset();
    pictures_.reset();
    made_.reset();
    complained_ = false;
    if (!script.empty() && !(script_ = AssScript::make(script, why)))
        return false;
    if (pictures && !(pictures_ = PictureCues::make(pictures, why)))
        return false;
    if (info_)
        set_frame(*info_);
    return true;
}

void BurnState::set_frame(const GstVideoInfo &info)
{
    info_ = info;
    made_.reset();
    if (script_)
        script_->set_frame(info.width, info.height, pixel_aspect_of(info));
}

bool BurnState::prepare(std::int64_t time_ns)
{
    if (!info_)
        return false;
    Key key;
    if (script_)
        key.script = script_->moment(milliseconds(time_ns));
    if (pictures_)
        key.pictures = pictures_->moment(time_ns);
    if (!key.script.shows && !key.pictures.shows)
        return false;
    const bool same =
        made_ && made_->script.shows == key.script.shows && made_->script.at_ms == key.script.at_ms &&
        made_->pictures.shows == key.pictures.shows && made_->pictures.at_ns == key.pictures.at_ns;
    if (!same) {
        std::vector<Layer> layers;
        if (pictures_)
            layers = pictures_->layers(key.pictures, info_->width, info_->height, pixel_aspect_of(*info_));
        if (script_) {
            const std::vector<Layer> drawn = script_->layers(key.script);
            layers.insert(layers.end(), drawn.begin(), drawn.end());
        }
        overlay_ = Overlay(*info_, layers);
        made_ = key;
    }
    return !overlay_.empty();
}

std::string BurnState::take_complaint()
{
    std::string complaint = script_ ? script_->take_complaint() : "";
    if (complained_)
        return {};
    complained_ = !complaint.empty();
    return complaint;
}

} // namespace butaca::subtitle
