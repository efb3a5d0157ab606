// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/scaler_candidates.h"

#include <cmath>
#include <cstdlib>

#include <gst/video/video.h>
extern "C" {
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}
#include <zimg.h>

namespace butaca::bench {

namespace {

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
    if (chroma == filter)
        params.filter_param_a_uv = a, params.filter_param_b_uv = b;
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

} // namespace

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
        {"zimg bicubic (C 0.75)", with_zimg(ZIMG_RESIZE_BICUBIC, 0, 0.75, ZIMG_RESIZE_BICUBIC, from, to)},
        {"zimg spline36", with_zimg(ZIMG_RESIZE_SPLINE36, NAN, NAN, ZIMG_RESIZE_BICUBIC, from, to)},
        {"zimg lanczos", with_zimg(ZIMG_RESIZE_LANCZOS, NAN, NAN, ZIMG_RESIZE_LANCZOS, from, to)},
    };
}

} // namespace butaca::bench
