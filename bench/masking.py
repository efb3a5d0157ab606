# SPDX-License-Identifier: LGPL-2.1-or-later
"""How audible a coding error is: noise to mask, in the manner of ITU-R BS.1387 (basic version, FFT ear model).

Spectra of 2048 samples every 1024 (Hann) pass the outer and middle ear, are summed in bands of a quarter Bark from 80 Hz
to 18 kHz, get the noise of the inner ear added (the threshold of hearing) and are spread over the neighbours: 27 dB per
Bark downwards, less steep upwards the louder it is. A full-scale sine is taken for 92 dB SPL. What is 3 dB below that
excitation (more above 12 Bark) is masked, and a sound masks for a while after its end too.

Unlike BS.1387 the error is the difference of the samples, not of the magnitudes. So noise that an encoder puts in the
place of noise counts as an error in full, and `level_error_db`, which sees no phases, is there to tell the two apart.
"""

import dataclasses

import numpy as np

RATE = 48000
FRAME = 2048
STEP = 1024
BAND_BARK = 0.25
LOWEST_HZ, HIGHEST_HZ = 80.0, 18000.0
FULL_SCALE_DB = 92.0
LOWER_SLOPE_DB = 27.0
# At the highest levels the formula would let the slope go flat.
LEAST_UPPER_SLOPE_DB = 4.0
# A frame counts as disturbed when the error stands out of the mask by this much in at least one band.
DISTURBED_DB = 1.5
SPREAD_POWER = 0.4
AUDIBLE_HZ = 20000.0


@dataclasses.dataclass
class Score:
    nmr_db: float  # error over masking threshold, mean of all frames and bands; below about -10 nothing is heard
    disturbed: float  # share of frames with an audible error in some band
    level_error_db: float  # mean difference of the excitations, without regard to phases


def bark(hertz):
    return 7 * np.arcsinh(np.asarray(hertz) / 650)


def hertz(barks):
    return 650 * np.sinh(np.asarray(barks) / 7)


def _bands():
    """Centres in Hz and the share that each FFT bin has in each band."""
    low, high = bark(LOWEST_HZ), bark(HIGHEST_HZ)
    edges = np.append(np.arange(low, high, BAND_BARK), high)
    lower, upper = hertz(edges[:-1]), hertz(edges[1:])
    width = RATE / FRAME
    bins = np.arange(FRAME // 2 + 1) * width
    overlap = np.minimum(bins[:, None] + width / 2, upper) - np.maximum(bins[:, None] - width / 2, lower)
    return hertz((edges[:-1] + edges[1:]) / 2), np.clip(overlap / width, 0, None)


CENTRES_HZ, SHARES = _bands()
_KHZ = CENTRES_HZ / 1000
INNER_NOISE = 10 ** (0.1456 * _KHZ ** -0.8)
MASK_OFFSET = 10 ** (np.maximum(3, BAND_BARK * BAND_BARK * np.arange(len(_KHZ))) / 10)
_WINDOW = np.hanning(FRAME + 1)[:-1]


def _ear_weights():
    khz = np.maximum(np.arange(FRAME // 2 + 1) * RATE / FRAME, 1) / 1000
    decibels = -2.184 * khz ** -0.8 + 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) - 1e-3 * khz ** 3.6
    return 10 ** (decibels / 10) * 10 ** (FULL_SCALE_DB / 10) / (FRAME / 4) ** 2


_EAR = _ear_weights()


def spectra(samples):
    """Power spectra of one channel, a row per frame."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::STEP]
    return np.abs(np.fft.rfft(frames * _WINDOW)) ** 2


def band_powers(samples):
    return (spectra(samples) * _EAR) @ SHARES


def _spread(powers):
    """Each band's power over all bands, added up as x^0.4, as loudness does rather than power."""
    count = powers.shape[1]
    distance = (np.arange(count)[None, :] - np.arange(count)[:, None]) * BAND_BARK
    steep = np.maximum(24 + 230 / CENTRES_HZ - 2 * np.log10(powers), LEAST_UPPER_SLOPE_DB)
    total = np.empty_like(powers)
    for begin in range(0, len(powers), 64):
        part = slice(begin, begin + 64)
        slopes = np.where(distance < 0, -LOWER_SLOPE_DB, steep[part, :, None])
        shape = np.exp(-slopes * distance * (np.log(10) / 10))
        shape *= (powers[part] / shape.sum(axis=2))[:, :, None]
        total[part] = (shape ** SPREAD_POWER).sum(axis=1) ** (1 / SPREAD_POWER)
    return total


_SPREAD_OF_ONES = _spread(np.ones((1, len(_KHZ))))


def excitation(powers):
    return _spread(powers + INNER_NOISE) / _SPREAD_OF_ONES


def mask(excited):
    """Masking threshold per frame and band, with what goes on masking after it has ended."""
    decay_s = 0.008 + 100 / CENTRES_HZ * 0.022
    keep = np.exp(-STEP / RATE / decay_s)
    threshold = np.empty_like(excited)
    memory = np.zeros(excited.shape[1])
    for frame, now in enumerate(excited):
        memory = keep * memory + (1 - keep) * now
        threshold[frame] = np.maximum(memory, now)
    return threshold / MASK_OFFSET


class Reference:
    """An original, as an array of samples × channels, with what it masks. Scores copies of the same shape."""

    def __init__(self, samples):
        self.samples = samples
        self.excited = [excitation(band_powers(channel)) for channel in samples.T]
        self.masks = [mask(excited) for excited in self.excited]

    def score(self, copy):
        # A constant gain is no disturbance.
        copy = copy / gain(self.samples, copy)
        results = []
        for original, coded, excited, masked in zip(self.samples.T, copy.T, self.excited, self.masks):
            ratio = band_powers(coded - original) / masked
            heard = excitation(band_powers(coded))
            results.append((ratio.mean(), (ratio.max(axis=1) > 10 ** (DISTURBED_DB / 10)).mean(),
                            np.abs(10 * np.log10(heard / excited)).mean()))
        ratio, disturbed, level = np.mean(results, axis=0)
        return Score(10 * np.log10(max(ratio, 1e-12)), disturbed, level)

    def shape(self, noise):
        """The noise, coloured frame by frame like the masking threshold."""
        window = np.sqrt(_WINDOW)
        shaped = np.zeros_like(noise)
        to_bins = SHARES / np.maximum(SHARES.sum(axis=0), 1e-9)
        for channel, masked in enumerate(self.masks):
            for frame, threshold in enumerate(masked):
                part = slice(frame * STEP, frame * STEP + FRAME)
                wanted = np.sqrt((to_bins @ threshold) / _EAR)
                spectrum = np.fft.rfft(noise[part, channel] * window) * wanted
                shaped[part, channel] += np.fft.irfft(spectrum) * window
        return shaped


def gain(original, copy):
    return np.vdot(original, copy) / np.vdot(original, original)


def lag(original, copy):
    """By how many samples the copy is late."""
    size = 1 << (len(original) + len(copy)).bit_length()
    product = np.fft.rfft(copy.sum(axis=1), size) * np.conj(np.fft.rfft(original.sum(axis=1), size))
    peak = int(np.argmax(np.fft.irfft(product, size)))
    return peak - size if peak > size // 2 else peak


def bandwidth_hz(original, copy):
    """The highest frequency, up to 20 kHz, at which the copy has at least a tenth of the original's power."""
    ours, theirs = (sum(spectra(channel).mean(axis=0) for channel in sound.T) for sound in (copy, original))
    smooth = np.ones(9) / 9
    ours, theirs = np.convolve(ours, smooth, "same"), np.convolve(theirs, smooth, "same")
    # What lies at the rounding of 16 bits is no sound of the original.
    heard = (theirs > 4 * FRAME * 0.375 / 3 / 2 ** 30) & (ours > theirs / 10)
    return min(float(np.flatnonzero(heard).max(initial=0) * RATE / FRAME), AUDIBLE_HZ)
