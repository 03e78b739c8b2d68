/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Published Noise test vectors (the cacophony set) for 25519, ChaChaPoly and BLAKE2b, in hex. */
#ifndef EAR_NOISE_VECTORS_H
#define EAR_NOISE_VECTORS_H

#define NOISE_VECTOR_MESSAGES 6

/* Messages alternate, the initiator first; those behind the handshake are transport messages. */
struct noise_vector {
    const char *name;
    const char *psk;           /* NULL: none */
    const char *remote_static; /* NULL: not known before */
    const char *hash;
    struct {
        const char *payload;
        const char *ciphertext;
    } messages[NOISE_VECTOR_MESSAGES];
};

#define NOISE_VECTOR_PROLOGUE "4a6f686e2047616c74"
#define NOISE_VECTOR_INITIATOR_STATIC                                                              \
    "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"
#define NOISE_VECTOR_INITIATOR_EPHEMERAL                                                           \
    "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"
#define NOISE_VECTOR_RESPONDER_STATIC                                                              \
    "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"
#define NOISE_VECTOR_RESPONDER_EPHEMERAL                                                           \
    "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"

static const struct noise_vector noise_vectors[] = {
    {.name = "Noise_IK_25519_ChaChaPoly_BLAKE2b",
     .psk = NULL,
     .remote_static = "31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62",
     .hash = "1c8fa891cb414fedba6daa7c6f4ae0a6d98e5f9768cc9cecd27e805614943ee9c8a1b27fbfb76dc197255"
             "c8aa69f6b4285c423840b8bedf45e652ca64f797d81",
     .messages =
         {
             {.payload = "4c756477696720766f6e204d69736573",
              .ciphertext =
                  "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944ba83a447b38c83e3"
                  "27ad936929812f624884847b7831e95e197b2f797088efdd2f88f1db7e1fb0e99c64419097af91ce"
                  "e64e470f4b6fcd9298ce0b56fe20f86e13bf70439c538e3602a7127af71a29cc"},
             {.payload = "4d757272617920526f746862617264",
              .ciphertext = "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088439f069b"
                            "267a06b3de3ecb1043bcb098e9af91d9c64748d998c7b47890871571"},
             {.payload = "462e20412e20486179656b",
              .ciphertext = "cd54383060e7a28434cca27fb1cc524cfbabeb18181589df219d07"},
             {.payload = "4361726c204d656e676572",
              .ciphertext = "a856d3bf0246bfc476c655009cd1ed677b8dcc5b349ae8ef2a05f2"},
             {.payload = "4a65616e2d426170746973746520536179",
              .ciphertext = "49063084b2c51f098337cb8a13739ac848f907e67cfb2cc8a8b60586467aa02fc7"},
             {.payload = "457567656e2042f6686d20766f6e2042617765726b",
              .ciphertext =
                  "8b9709d23b47e4639df7678d7a21741eba4ef1e9c60383001c7435549c20f9d56f30e935d3"},
         }},
    {.name = "Noise_XX_25519_ChaChaPoly_BLAKE2b",
     .psk = NULL,
     .remote_static = NULL,
     .hash = "8cf47d7b3cb5804c0109d48e8bcdbee2cbb65687d8ea2c92994ca361fb86151ad93627b98936cbb32de56"
             "e8abb21def3925011ac3e35db9cbeea73ab9a4392c2",
     .messages =
         {
             {.payload = "4c756477696720766f6e204d69736573",
              .ciphertext = "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c7564"
                            "77696720766f6e204d69736573"},
             {.payload = "4d757272617920526f746862617264",
              .ciphertext =
                  "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088430505b6745ce64a5f"
                  "33f0e8e3b83f11ce8802bca507f4f2d8b564dbe277e1966116e132faa2dfd70b8b077b9f94b913df"
                  "5056ae1319469b824a98d54bbaa82c325595587064f978c4b6d104f7596e6f"},
             {.payload = "462e20412e20486179656b",
              .ciphertext =
                  "99579e1c1ee15e422a57ddd6b16d37087b17558e8369c18991b4b2ca3a824abf904cdcf5458b5431"
                  "a75af034ca9e9b982de039eaaf156775e2d580cd4e5ebae89c3f8cb2594b556d8a8169"},
             {.payload = "4361726c204d656e676572",
              .ciphertext = "fc56eea290b3f3a21aac0c70cd5787b5ee99be37d2f4d751329b55"},
             {.payload = "4a65616e2d426170746973746520536179",
              .ciphertext = "bb31c9da10d5639a4cdb88a12f5c61de41bbc7df09bf75d94f8184fe4157f5c68f"},
             {.payload = "457567656e2042f6686d20766f6e2042617765726b",
              .ciphertext =
                  "f6199cadb152fb27f82be0a0891ec76a33598ae92a46cab2fb5a8ed5bf48b7f267f8370af7"},
         }},
    {.name = "Noise_XXpsk3_25519_ChaChaPoly_BLAKE2b",
     .psk = "54686973206973206d7920417573747269616e20706572737065637469766521",
     .remote_static = NULL,
     .hash = "46b5997dfa51492ae9be5b611748455e83aebdbc2ea3c47d264ec6dd408cc076e962ff056890c60398fe3"
             "e7a430bbe057f34383a84df9ff99391266dcfd638b0",
     .messages =
         {
             {.payload = "4c756477696720766f6e204d69736573",
              .ciphertext = "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79440aa831"
                            "d1e3bbd16bd7ffda87e9f7b6eeca2510006499a573ac27af3392ed1b69"},
             {.payload = "4d757272617920526f746862617264",
              .ciphertext =
                  "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884381a78489d56c9e2a"
                  "c962826f25684980b25244dbfd505b7d903a94d4f4fd84004a1c7fbe94d686bc4c1f67259364f6f2"
                  "a41cb40bf5198b9b3975be2cdd49d3e065a554e12c477d82029fabc6555bc1"},
             {.payload = "462e20412e20486179656b",
              .ciphertext =
                  "291dfeff6eff386e29adb0bdbd5a1ae9e09de4449c8695d109adcb63e80e489555792a3e9150eff7"
                  "5d6d45571f824ed231173cb66e31e7da914241f86d0cbb678335ffe768a7445d2f5bc1"},
             {.payload = "4361726c204d656e676572",
              .ciphertext = "6579dd60eb5e6a8b29dd60004289f5d3c2f69fcdbf683a869f59a8"},
             {.payload = "4a65616e2d426170746973746520536179",
              .ciphertext = "24715fd39c3c7606e81b26e69e47b54d043d9d87c512f9417bae51ab48ebb17722"},
             {.payload = "457567656e2042f6686d20766f6e2042617765726b",
              .ciphertext =
                  "e49194a013d873712318643acbf0e3851086326bb168c500a766439ff543a7a1e2deb3215c"},
         }},
    {.name = "Noise_IKpsk1_25519_ChaChaPoly_BLAKE2b",
     .psk = "54686973206973206d7920417573747269616e20706572737065637469766521",
     .remote_static = "31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62",
     .hash = "186371bec588c76e8deb325921814d59591519641d70e37cde7ab4bc8b17600e3d9062228a6132e257baf"
             "34bc156927e5d85a7d3ea93f7524caf13710b226b3b",
     .messages =
         {
             {.payload = "4c756477696720766f6e204d69736573",
              .ciphertext =
                  "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944902b84cee06d6795"
                  "dc5f2501c05ba76688c6ce7d2ab36d91ce6d3211721f3280f6264f7c2ea2e6b13d78afb983ae1ffb"
                  "05f1f4e9fa55356622301ebaff6e9f21c1f43208cbd63fb9b4082159b8fc5bb3"},
             {.payload = "4d757272617920526f746862617264",
              .ciphertext = "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088430b230e"
                            "e9def0e1e7c053a14848bbfb1458026c9aa2bbbd4b237cb92491392b"},
             {.payload = "462e20412e20486179656b",
              .ciphertext = "3ef532df887f77d7b044cb218ff0674cba4810998d84112690527a"},
             {.payload = "4361726c204d656e676572",
              .ciphertext = "cb6c35ca87c7deef55e8e9bdbd7ccdfb8de119accfadb834cbb56b"},
             {.payload = "4a65616e2d426170746973746520536179",
              .ciphertext = "ed8a704db23c02f24b78473428e0ab7ba1bb5996f9a68fa45a87509537f498e41c"},
             {.payload = "457567656e2042f6686d20766f6e2042617765726b",
              .ciphertext =
                  "13e78d501bcb6d55e9c0821febbe88d021663a91fbce42c12bf219cf5d7efef5f6a2ee9ca6"},
         }},
    {.name = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b",
     .psk = "54686973206973206d7920417573747269616e20706572737065637469766521",
     .remote_static = "31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62",
     .hash = "ed837c9084f2f0333a7ec60b9bcacd9921394858de8ced118b5966d1147ba390084dab42326c565a309c2"
             "9317a6079be30aa1d790d25a517b43287426cb1d36a",
     .messages =
         {
             {.payload = "4c756477696720766f6e204d69736573",
              .ciphertext =
                  "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944b6fe0240b839afac"
                  "809de1630eaf99d8f9b941394f0512c0554633bbb021d15176135c0a20e7fdb9a9ed066f22f054b4"
                  "7625b1d5061cb27d6a17f053273db7c25216a5addc506ee321bc0618feb5849d"},
             {.payload = "4d757272617920526f746862617264",
              .ciphertext = "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088438f627e"
                            "69fc120006f746b9d420bf4056cf8481ab32d9e904ffaeeaa56a5290"},
             {.payload = "462e20412e20486179656b",
              .ciphertext = "07fc0034398a5f1010322be193d62f94bebf2948a20b3e15d681fe"},
             {.payload = "4361726c204d656e676572",
              .ciphertext = "2ea5400f5b8a16971c8b67bde75aeb7987d454b1c0beeb2566932d"},
             {.payload = "4a65616e2d426170746973746520536179",
              .ciphertext = "96eef918ef51639fc0e156da1823c4f71b33fac5af983f5da9384f7da20d86ed91"},
             {.payload = "457567656e2042f6686d20766f6e2042617765726b",
              .ciphertext =
                  "f02766a56496e1fbf32e05274baebf6d693c8f3e4c6e0dc7ebdc5ac170f15dae433b92f469"},
         }},
};

#endif
