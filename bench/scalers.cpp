// SPDX-License-Identifier: LGPL-2.1-or-later
// Which scaler should videotranscode use? Scales the same frames of a real film with every candidate, on one
// thread, and prints CPU time as a ratio to the first candidate, with two measures of quality: SSIM of the
// small picture against a lanczos reference computed in doubles, and SSIM of the film against the small
// picture enlarged again (which does not favour the candidate that has the reference's own kernel). Usage:
// scalers FILM START_SECONDS FRAMES OUT_WIDTH OUT_HEIGHT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
extern "C" {
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}
#include <zimg.h>

#include "src/base/gst.h"

namespace {

using namespace butaca;

struct Plane {
    int width = 0, height = 0, stride = 0;
    std::uint8_t *data = nullptr;
};

// One I420 picture in memory that every candidate can take: each row starts at a multiple of 64 bytes.
class Picture {
public:
    Picture(int width, int height)
    {
        for (std::size_t i = 0; i < 3; i++) {
            Plane &p = planes_[i];
            p.width = i ? (width + 1) / 2 : width;
            p.height = i ? (height + 1) / 2 : height;
            p.stride = (p.width + 63) / 64 * 64;
            store_[i].resize(static_cast<std::size_t>(p.stride) * p.height + 64);
            auto address = reinterpret_cast<std::uintptr_t>(store_[i].data());
            p.data = store_[i].data() + (64 - address % 64) % 64;
        }
    }
    const Plane &plane(std::size_t i) const { return planes_[i]; }

private:
    std::array<Plane, 3> planes_;
    std::array<std::vector<std::uint8_t>, 3> store_;
};

using Scale = std::function<void(const Picture &, Picture &)>;
struct Candidate {
    std::string name;
    Scale scale;
};

std::vector<Picture> decode(const char *path, double start_s, int frames)
{
    std::vector<Picture> film;
    Owned<GError> error;
    auto pipeline = sink(gst_parse_launch("filesrc name=file ! decodebin ! videoconvert n-threads=1 ! "
                                          "video/x-raw,format=I420 ! appsink name=out sync=false",
                                          Out(error)));
    if (!pipeline)
        return film;
    auto file = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "file"));
    auto out = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    g_object_set(file.get(), "location", path, nullptr);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    while (static_cast<int>(film.size()) < frames) {
        auto sample = adopt(gst_app_sink_pull_sample(GST_APP_SINK(out.get())));
        if (!sample)
            break;
        GstBuffer *buffer = gst_sample_get_buffer(sample.get());
        if (GST_BUFFER_PTS(buffer) < static_cast<GstClockTime>(start_s * GST_SECOND))
            continue;
        GstVideoInfo info;
        GstVideoFrame frame;
        if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample.get())) ||
            !gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ))
            break;
        Picture &picture = film.emplace_back(info.width, info.height);
        for (std::size_t i = 0; i < 3; i++) {
            const Plane &p = picture.plane(i);
            for (int y = 0; y < p.height; y++)
                std::copy_n(static_cast<std::uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, i)) +
                                static_cast<std::ptrdiff_t>(y) * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, i),
                            p.width, p.data + static_cast<std::ptrdiff_t>(y) * p.stride);
        }
        gst_video_frame_unmap(&frame);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return film;
}

double lanczos3(double x)
{
    x = std::abs(x);
    if (x < 1e-9)
        return 1;
    if (x >= 3)
        return 0;
    const double px = std::numbers::pi * x;
    return 3 * std::sin(px) * std::sin(px / 3) / (px * px);
}

// Resamples `count` lines along one axis in doubles. `shift` is how far a sample's centre lies from the
// centre of its cell, in cells: 0 for luma, -0.25 for chroma that is sited with the left luma sample (MPEG-2,
// H.264's default).
std::vector<double> resample(const std::vector<double> &in, int in_size, int out_size, int count,
                             bool vertical, double shift)
{
    const double ratio = static_cast<double>(in_size) / out_size, support = 3 * std::max(1.0, ratio);
    std::vector<double> out(static_cast<std::size_t>(out_size) * count);
    for (int o = 0; o < out_size; o++) {
        const double centre = (o + 0.5 + shift) * ratio - 0.5 - shift;
        const int first = static_cast<int>(std::ceil(centre - support)),
                  last = static_cast<int>(std::floor(centre + support));
        std::vector<double> weights;
        double sum = 0;
        for (int i = first; i <= last; i++)
            sum += weights.emplace_back(lanczos3((i - centre) / std::max(1.0, ratio)));
        for (int line = 0; line < count; line++) {
            double value = 0;
            for (int i = first; i <= last; i++) {
                const int at = std::clamp(i, 0, in_size - 1);
                value += weights[i - first] * (vertical ? in[static_cast<std::size_t>(at) * count + line]
                                                        : in[static_cast<std::size_t>(line) * in_size + at]);
            }
            out[vertical ? static_cast<std::size_t>(o) * count + line
                         : static_cast<std::size_t>(line) * out_size + o] = value / sum;
        }
    }
    return out;
}

void scale_exactly(const Picture &from, Picture &to)
{
    for (std::size_t i = 0; i < 3; i++) {
        const Plane &a = from.plane(i), &b = to.plane(i);
        std::vector<double> values;
        for (int y = 0; y < a.height; y++)
            values.insert(values.end(), a.data + static_cast<std::ptrdiff_t>(y) * a.stride,
                          a.data + static_cast<std::ptrdiff_t>(y) * a.stride + a.width);
        values = resample(values, a.width, b.width, a.height, false, i ? -0.25 : 0);
        values = resample(values, a.height, b.height, b.width, true, 0);
        for (int y = 0; y < b.height; y++)
            for (int x = 0; x < b.width; x++)
                b.data[static_cast<std::ptrdiff_t>(y) * b.stride + x] = static_cast<std::uint8_t>(
                    std::lround(std::clamp(values[static_cast<std::size_t>(y) * b.width + x], 0.0, 255.0)));
    }
}

// Mean SSIM over 8x8 windows, every fourth pixel (as ffmpeg's filter does).
double ssim(const Plane &a, const Plane &b)
{
    constexpr double c1 = 6.5025, c2 = 58.5225, n = 64;
    double total = 0;
    long windows = 0;
    for (int y = 0; y + 8 <= a.height; y += 4) {
        for (int x = 0; x + 8 <= a.width; x += 4) {
            double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
            for (int j = 0; j < 8; j++) {
                for (int i = 0; i < 8; i++) {
                    const double p = a.data[static_cast<std::ptrdiff_t>(y + j) * a.stride + x + i];
                    const double q = b.data[static_cast<std::ptrdiff_t>(y + j) * b.stride + x + i];
                    sa += p, sb += q, saa += p * p, sbb += q * q, sab += p * q;
                }
            }
            const double ma = sa / n, mb = sb / n;
            total += (2 * ma * mb + c1) * (2 * (sab / n - ma * mb) + c2) /
                     ((ma * ma + mb * mb + c1) * (saa / n - ma * ma + sbb / n - mb * mb + c2));
            windows++;
        }
    }
    return windows ? total / static_cast<double>(windows) : 0;
}

Scale with_gstreamer(GstVideoResamplerMethod method, int taps, const Picture &from, const Picture &to)
{
    GstVideoInfo in, out;
    gst_video_info_set_format(&in, GST_VIDEO_FORMAT_I420, from.plane(0).width, from.plane(0).height);
    gst_video_info_set_format(&out, GST_VIDEO_FORMAT_I420, to.plane(0).width, to.plane(0).height);
    in.chroma_site = out.chroma_site = GST_VIDEO_CHROMA_SITE_H_COSITED;
    GstStructure *config = gst_structure_new(
        "config", GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD, GST_TYPE_VIDEO_RESAMPLER_METHOD, method,
        GST_VIDEO_CONVERTER_OPT_DITHER_METHOD, GST_TYPE_VIDEO_DITHER_METHOD, GST_VIDEO_DITHER_NONE, nullptr);
    if (taps)
        gst_structure_set(config, GST_VIDEO_CONVERTER_OPT_RESAMPLER_TAPS, G_TYPE_UINT, taps, nullptr);
    GstVideoConverter *converter = gst_video_converter_new(&in, &out, config);
    return [converter, in, out](const Picture &a, Picture &b) mutable {
        const auto frame = [](GstVideoInfo &info, const Picture &p) {
            GstVideoFrame f = {};
            for (std::size_t i = 0; i < 3; i++)
                info.stride[i] = p.plane(i).stride;
            f.info = info;
            for (std::size_t i = 0; i < 3; i++)
                f.data[i] = p.plane(i).data;
            return f;
        };
        const GstVideoFrame fa = frame(in, a);
        GstVideoFrame fb = frame(out, b);
        gst_video_converter_frame(converter, &fa, &fb);
    };
}

Scale with_swscale(int flags, const Picture &from, const Picture &to)
{
    SwsContext *sws = sws_alloc_context();
    const auto set = [sws](const char *name, int value) { av_opt_set_int(sws, name, value, 0); };
    set("srcw", from.plane(0).width), set("srch", from.plane(0).height),
        set("src_format", AV_PIX_FMT_YUV420P);
    set("dstw", to.plane(0).width), set("dsth", to.plane(0).height), set("dst_format", AV_PIX_FMT_YUV420P);
    set("sws_flags", flags), set("threads", 1);
    set("src_h_chr_pos", 0), set("dst_h_chr_pos", 0), set("src_v_chr_pos", 128), set("dst_v_chr_pos", 128);
    if (sws_init_context(sws, nullptr, nullptr) < 0)
        std::abort();
    return [sws](const Picture &a, Picture &b) {
        const std::uint8_t *in[4] = {a.plane(0).data, a.plane(1).data, a.plane(2).data, nullptr};
        std::uint8_t *out[4] = {b.plane(0).data, b.plane(1).data, b.plane(2).data, nullptr};
        const int in_stride[4] = {a.plane(0).stride, a.plane(1).stride, a.plane(2).stride, 0};
        const int out_stride[4] = {b.plane(0).stride, b.plane(1).stride, b.plane(2).stride, 0};
        sws_scale(sws, in, in_stride, 0, a.plane(0).height, out, out_stride);
    };
}

Scale with_zimg(zimg_resample_filter_e filter, double a, double b, zimg_resample_filter_e chroma,
                const Picture &from, const Picture &to)
{
    const auto format = [](const Picture &p) {
        zimg_image_format f;
        zimg_image_format_default(&f, ZIMG_API_VERSION);
        f.width = static_cast<unsigned>(p.plane(0).width);
        f.height = static_cast<unsigned>(p.plane(0).height);
        f.subsample_w = f.subsample_h = 1;
        f.pixel_type = ZIMG_PIXEL_BYTE;
        f.color_family = ZIMG_COLOR_YUV;
        f.matrix_coefficients = ZIMG_MATRIX_BT709;
        f.depth = 8;
        f.chroma_location = ZIMG_CHROMA_LEFT;
        return f;
    };
    zimg_graph_builder_params params;
    zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
    params.resample_filter = filter, params.filter_param_a = a, params.filter_param_b = b;
    params.resample_filter_uv = chroma;
    params.cpu_type = ZIMG_CPU_AUTO_64B;
    const zimg_image_format in = format(from), out = format(to);
    zimg_filter_graph *graph = zimg_filter_graph_build(&in, &out, &params);
    if (!graph)
        std::abort();
    std::size_t size = 0;
    zimg_filter_graph_get_tmp_size(graph, &size);
    void *scratch = std::aligned_alloc(64, (size + 63) / 64 * 64);
    return [graph, scratch](const Picture &p, Picture &q) {
        zimg_image_buffer_const src = {ZIMG_API_VERSION, {}};
        zimg_image_buffer dst = {ZIMG_API_VERSION, {}};
        for (std::size_t i = 0; i < 3; i++) {
            src.plane[i] = {p.plane(i).data, p.plane(i).stride, ZIMG_BUFFER_MAX};
            dst.plane[i] = {q.plane(i).data, q.plane(i).stride, ZIMG_BUFFER_MAX};
        }
        zimg_filter_graph_process(graph, &src, &dst, scratch, nullptr, nullptr, nullptr, nullptr);
    };
}

std::vector<Candidate> candidates(const Picture &from, const Picture &to)
{
    constexpr int exact = SWS_ACCURATE_RND | SWS_BITEXACT;
    return {
        {"videoconvertscale bilinear (2 taps)",
         with_gstreamer(GST_VIDEO_RESAMPLER_METHOD_LINEAR, 2, from, to)},
        {"videoconvertscale bilinear2", with_gstreamer(GST_VIDEO_RESAMPLER_METHOD_LINEAR, 0, from, to)},
        {"videoconvertscale cubic (4-tap)", with_gstreamer(GST_VIDEO_RESAMPLER_METHOD_CUBIC, 4, from, to)},
        {"videoconvertscale cubic", with_gstreamer(GST_VIDEO_RESAMPLER_METHOD_CUBIC, 0, from, to)},
        {"videoconvertscale lanczos", with_gstreamer(GST_VIDEO_RESAMPLER_METHOD_LANCZOS, 0, from, to)},
        {"swscale fast_bilinear", with_swscale(SWS_FAST_BILINEAR, from, to)},
        {"swscale bilinear exact", with_swscale(SWS_BILINEAR | exact, from, to)},
        {"swscale bicubic", with_swscale(SWS_BICUBIC, from, to)},
        {"swscale bicubic exact", with_swscale(SWS_BICUBIC | exact, from, to)},
        {"swscale lanczos exact", with_swscale(SWS_LANCZOS | exact, from, to)},
        {"zimg bilinear", with_zimg(ZIMG_RESIZE_BILINEAR, NAN, NAN, ZIMG_RESIZE_BILINEAR, from, to)},
        {"zimg bicubic (Mitchell)", with_zimg(ZIMG_RESIZE_BICUBIC, NAN, NAN, ZIMG_RESIZE_BILINEAR, from, to)},
        {"zimg bicubic (Catmull-Rom)", with_zimg(ZIMG_RESIZE_BICUBIC, 0, 0.5, ZIMG_RESIZE_BICUBIC, from, to)},
        {"zimg spline36", with_zimg(ZIMG_RESIZE_SPLINE36, NAN, NAN, ZIMG_RESIZE_BICUBIC, from, to)},
        {"zimg lanczos", with_zimg(ZIMG_RESIZE_LANCZOS, NAN, NAN, ZIMG_RESIZE_LANCZOS, from, to)},
    };
}

double cpu_s()
{
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

} // namespace

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    if (argc != 6) {
        std::fprintf(stderr, "usage: %s FILM START_SECONDS FRAMES OUT_WIDTH OUT_HEIGHT\n", argv[0]);
        return 2;
    }
    const std::vector<Picture> film = decode(argv[1], std::atof(argv[2]), std::atoi(argv[3]));
    if (film.empty()) {
        std::fprintf(stderr, "no frames\n");
        return 1;
    }
    const Plane &full = film.front().plane(0);
    const Picture shape(std::atoi(argv[4]), std::atoi(argv[5]));
    std::printf("%zu frames, %dx%d -> %dx%d\n%-38s %9s %9s %10s %10s\n", film.size(), full.width, full.height,
                shape.plane(0).width, shape.plane(0).height, "", "CPU ratio", "ms/frame", "SSIM to ref",
                "SSIM back");
    // Quality needs few frames, and the reference is slow.
    const std::size_t stride = std::max<std::size_t>(1, film.size() / 8);
    double first_s = 0;
    for (const Candidate &candidate : candidates(film.front(), shape)) {
        Picture small(shape.plane(0).width, shape.plane(0).height);
        candidate.scale(film.front(), small);
        double best_s = 1e9;
        for (int round = 0; round < 3; round++) {
            const double start = cpu_s();
            for (const Picture &picture : film)
                candidate.scale(picture, small);
            best_s = std::min(best_s, cpu_s() - start);
        }
        first_s = first_s > 0 ? first_s : best_s;
        double luma = 0, chroma = 0, back = 0;
        int seen = 0;
        for (std::size_t i = 0; i < film.size(); i += stride, seen++) {
            Picture reference(shape.plane(0).width, shape.plane(0).height), large(full.width, full.height);
            scale_exactly(film[i], reference);
            candidate.scale(film[i], small);
            scale_exactly(small, large);
            luma += ssim(reference.plane(0), small.plane(0));
            chroma +=
                (ssim(reference.plane(1), small.plane(1)) + ssim(reference.plane(2), small.plane(2))) / 2;
            back += ssim(film[i].plane(0), large.plane(0));
        }
        std::printf("%-38s %9.2f %9.3f    %.5f Y %.5f C  %.5f\n", candidate.name.c_str(), best_s / first_s,
                    1000 * best_s / static_cast<double>(film.size()), luma / seen, chroma / seen,
                    back / seen);
    }
    return 0;
}
