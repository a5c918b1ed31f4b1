/* Runs the teacher: full-context labels in, its parameters out.

   stdin:  labels, one a line, an empty line after each utterance.
   stdout: for each utterance, native byte order:
     int32 labels, int32 frames (0 where the teacher failed, and nothing follows),
     int32 duration[labels * 5]          frames of each HMM state,
     float mel_cepstrum[frames * 45],
     float log_f0[frames]                -1e10 where unvoiced.

   gcc -O2 teacher.c -o teacher -lHTSEngine -lm; ./teacher VOICE.htsvoice */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <HTS_engine.h>

#define STATES 5
#define CEPSTRA 45
#define MAX_LABELS 20000
#define UNVOICED -1e10f

static void write_int(int value) { fwrite(&value, 4, 1, stdout); }
static void write_float(float value) { fwrite(&value, 4, 1, stdout); }

static void write_parameters(HTS_Engine *engine, int labels, int frames) {
  HTS_PStream *cepstra = &engine->pss.pstream[0], *pitch = &engine->pss.pstream[1];
  for (int i = 0; i < labels * STATES; i++)
    write_int((int)HTS_Engine_get_state_duration(engine, i));
  for (int t = 0; t < frames; t++)
    for (int c = 0; c < CEPSTRA; c++)
      write_float((float)cepstra->par[t][c]);
  /* The pitch stream holds the voiced frames only. */
  for (int t = 0, voiced = 0; t < frames; t++)
    write_float(pitch->msd_flag[t] ? (float)pitch->par[voiced++][0] : UNVOICED);
}

static void speak(HTS_Engine *engine, char **labels, int count) {
  if (count == 0)
    return;
  int ok = HTS_Engine_generate_state_sequence_from_strings(engine, labels, count) &&
           HTS_Engine_generate_parameter_sequence(engine);
  int frames = ok ? (int)engine->pss.total_frame : 0;
  write_int(count);
  write_int(frames);
  if (ok)
    write_parameters(engine, count, frames);
  HTS_Engine_refresh(engine);
}

int main(int argc, char **argv) {
  static char line[65536], *labels[MAX_LABELS];
  int count = 0;
  HTS_Engine engine;
  HTS_Engine_initialize(&engine);
  if (argc != 2 || !HTS_Engine_load(&engine, &argv[1], 1)) {
    fprintf(stderr, "usage: teacher VOICE.htsvoice\n");
    return 1;
  }
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\r\n")] = 0;
    if (*line && count < MAX_LABELS) {
      labels[count++] = strdup(line);
    } else {
      speak(&engine, labels, count);
      while (count > 0)
        free(labels[--count]);
      fflush(stdout);
    }
  }
  speak(&engine, labels, count);
  return 0;
}
