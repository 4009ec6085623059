#!/bin/sh
# A script that is its own job description: the lines with #QCG speak to the broker, the others run on the cluster.
# Needs notes.txt in ~/grms-demo: cp -r examples/grms-demo ~
#QCG name=wordcount
#QCG note=counts the words of a file
#QCG variable=PLACE=${HOME}/grms-demo
#QCG argument=notes.txt
#QCG stage-in-file=${PLACE}/notes.txt -> notes.txt
#QCG stage-out-file=count.txt -> ${PLACE}/wordcount.txt
#QCG output=${PLACE}/wordcount.log
#QCG walltime=PT5M
echo "counting $1 in job $GRMS_JOB_ID"
wc -w <"$1" >count.txt
