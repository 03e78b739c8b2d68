/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one file in C++: a handle around WebRTC's audio processing 0.3 (Debian 12) or 1.x. */
#include "port/webrtc.h"

#include <cerrno>
#include <new>

#if EAR_WITH_WEBRTC >= 1
#include <modules/audio_processing/include/audio_processing.h>
#else
#include <webrtc/modules/audio_processing/include/audio_processing.h>
#endif

#ifdef EAR_WEBRTC_TRIALS
namespace webrtc
{
namespace field_trial
{
void InitFieldTrialsFromString(const char *trials);
}
} // namespace webrtc
#endif

namespace
{

const int GAIN_TARGET_DBFS = 9; /* below full scale */
const int GAIN_DB_MOST = 9;
const int FRAME_MOST = 480; /* 10 ms at 48 kHz */

/* Suppression is mild everywhere: nothing that cries or whispers may fall through. Of 0.3's the low
 * level cuts 32 % of the frames of who speaks meanwhile, the moderate one 49, for 0.2 to 0.7 dB of
 * echo. */

#if EAR_WITH_WEBRTC >= 1

using Owner = rtc::scoped_refptr<webrtc::AudioProcessing>;

/* Lets who speaks meanwhile through sooner: of his frames 10 to 20 % are cut instead of 16 to 25,
 * for 0.3 dB of echo (tests/bench/echo, 1.3). */
#define TRIAL(name, value) "WebRTC-Aec3" name "/" value "/"
const char *const TRIALS = TRIAL("EnforceRapidlyAdjustingNearendSuppressorTunings", "Enabled")
    TRIAL("EnforceRapidlyAdjustingNormalSuppressorTunings", "Enabled")
        TRIAL("SuppressorNormalMaxIncFactorOverride", "4")
            TRIAL("SuppressorNearendMaxIncFactorOverride", "4");

void tune()
{
#ifdef EAR_WEBRTC_TRIALS
    webrtc::field_trial::InitFieldTrialsFromString(TRIALS);
#else
    (void)TRIALS;
#endif
}

bool make(Owner &ret, const ear_webrtc_config &config)
{
    tune();
    webrtc::AudioProcessing::Config c;
    c.pipeline.maximum_internal_processing_rate = 32000;
    c.echo_canceller.enabled = config.cancel;
    c.echo_canceller.mobile_mode = false;
    c.high_pass_filter.enabled = config.cancel;
    c.noise_suppression.enabled = config.denoise;
    c.noise_suppression.level = webrtc::AudioProcessing::Config::NoiseSuppression::kLow;
    c.gain_controller1.enabled = config.gain;
    c.gain_controller1.mode = webrtc::AudioProcessing::Config::GainController1::kAdaptiveDigital;
    c.gain_controller1.target_level_dbfs = GAIN_TARGET_DBFS;
    c.gain_controller1.compression_gain_db = GAIN_DB_MOST;
    c.gain_controller1.analog_gain_controller.enabled = false;
    ret = webrtc::AudioProcessingBuilder().Create();
    if (ret)
        ret->ApplyConfig(c);
    return ret != nullptr;
}

void unmake(Owner &owner)
{
    owner = nullptr;
}

#else

using Owner = webrtc::AudioProcessing *;

bool make(Owner &ret, const ear_webrtc_config &config)
{
    webrtc::Config extra;
    extra.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
    extra.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
    extra.Set<webrtc::ExperimentalAgc>(new webrtc::ExperimentalAgc(false));
    ret = webrtc::AudioProcessing::Create(extra);
    if (!ret)
        return false;
    ret->high_pass_filter()->Enable(config.cancel);
    ret->echo_cancellation()->set_suppression_level(webrtc::EchoCancellation::kLowSuppression);
    ret->echo_cancellation()->Enable(config.cancel);
    ret->noise_suppression()->set_level(webrtc::NoiseSuppression::kLow);
    ret->noise_suppression()->Enable(config.denoise);
    ret->gain_control()->set_mode(webrtc::GainControl::kAdaptiveDigital);
    ret->gain_control()->set_target_level_dbfs(GAIN_TARGET_DBFS);
    ret->gain_control()->set_compression_gain_db(GAIN_DB_MOST);
    ret->gain_control()->Enable(config.gain);
    return true;
}

void unmake(Owner &owner)
{
    delete owner;
}

#endif

} // namespace

struct ear_webrtc {
    Owner processing;
    webrtc::StreamConfig stream;
    ear_webrtc_config config;
};

static bool prepare(ear_webrtc *w)
try {
    /* The first frames make what later ones use. */
    float played[FRAME_MOST] = {}, frame[FRAME_MOST] = {};
    bool made = make(w->processing, w->config);
    for (int i = 0; made && i < 2; i++)
        ear_webrtc_run(w, played, frame);
    return made;
} catch (const std::bad_alloc &) {
    return false;
}

int ear_webrtc_new(ear_webrtc **ret, const ear_webrtc_config *config)
{
    ear_webrtc *w = new (std::nothrow) ear_webrtc{};
    if (!w)
        return -ENOMEM;
    w->config = *config;
    w->stream = webrtc::StreamConfig(config->rate_hz, 1);
    if (!prepare(w)) {
        ear_webrtc_free(w);
        return -ENOMEM;
    }
    *ret = w;
    return 0;
}

void ear_webrtc_free(ear_webrtc *w)
{
    if (!w)
        return;
    unmake(w->processing);
    delete w;
}

void ear_webrtc_run(ear_webrtc *w, const float *played, float *frame)
{
    if (w->config.cancel) {
        float kept[FRAME_MOST];
        for (size_t i = 0; i < w->stream.num_frames(); i++)
            kept[i] = played[i];
        float *channel = kept;
        (void)w->processing->ProcessReverseStream(&channel, w->stream, w->stream, &channel);
        (void)w->processing->set_stream_delay_ms(w->config.delay_ms);
    }
    (void)w->processing->ProcessStream(&frame, w->stream, w->stream, &frame);
}
