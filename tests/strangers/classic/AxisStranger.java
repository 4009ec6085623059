import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Calendar;
import java.util.List;
import java.util.Set;
import javax.xml.namespace.QName;
import javax.xml.rpc.ParameterMode;
import org.apache.axis.Version;
import org.apache.axis.client.Call;
import org.apache.axis.client.Service;
import org.apache.axis.encoding.XMLType;
import org.apache.axis.encoding.ser.BeanDeserializerFactory;
import org.apache.axis.encoding.ser.BeanSerializerFactory;

/**
 * Apache Axis 1.4, the tool kit of the classic clients, with calls put together by hand and its bean readers, which throw at members
 * they do not know. Prints a line for every step, in the words that tests/live/clients/classic.rs expects.
 */
public final class AxisStranger {
    private static final String GRMS = "urn:grms";
    private static final Set<String> FINAL = Set.of("FINISHED", "FAILED", "CANCELED");

    private final Service service = new Service();
    private Call call;

    private static QName type(String name) {
        return new QName(GRMS, name);
    }

    private Object invoke(String operation, QName out, QName outType, Object... namesAndValues) throws Exception {
        call = (Call) service.createCall();
        call.setTargetEndpointAddress(System.getenv("GRMS_CLASSIC"));
        call.setOperationName(type(operation));
        call.setSOAPActionURI("");
        call.setTimeout(60_000);
        Object[] values = new Object[namesAndValues.length / 2];
        for (int i = 0; i < values.length; i++) {
            values[i] = namesAndValues[2 * i + 1];
            call.addParameter((String) namesAndValues[2 * i], XMLType.XSD_STRING, ParameterMode.IN);
        }
        call.registerTypeMapping(GrmsResponse.class, type("GrmsResponse"),
            new BeanSerializerFactory(GrmsResponse.class, type("GrmsResponse")),
            new BeanDeserializerFactory(GrmsResponse.class, type("GrmsResponse")));
        call.registerTypeMapping(JobHistory.class, type("jobHistory"),
            new BeanSerializerFactory(JobHistory.class, type("jobHistory")),
            new BeanDeserializerFactory(JobHistory.class, type("jobHistory")));
        call.registerTypeMapping(JobInformation.class, type("jobInformation"),
            new BeanSerializerFactory(JobInformation.class, type("jobInformation")),
            new BeanDeserializerFactory(JobInformation.class, type("jobInformation")));
        call.registerTypeMapping(String.class, type("JobStatusType"),
            new org.apache.axis.encoding.ser.SimpleSerializerFactory(String.class, type("JobStatusType")),
            new org.apache.axis.encoding.ser.SimpleDeserializerFactory(String.class, type("JobStatusType")));
        call.setReturnType(type("GrmsResponse"));
        if (out != null) {
            call.addParameter(out, outType, ParameterMode.OUT);
        }
        return call.invoke(values);
    }

    private Object out(String name) {
        return call.getOutputParams().get(new QName("", name));
    }

    private JobInformation info(String job) throws Exception {
        invoke("getJobInfo", new QName("", "jobInfo"), type("jobInformation"), "jobId", job);
        return (JobInformation) out("jobInfo");
    }

    private List<?> list(Object... parts) throws Exception {
        invoke("getJobsList", new QName("", "jobsList"), XMLType.SOAP_ARRAY, parts);
        return Arrays.asList((Object[]) out("jobsList"));
    }

    private static String content(String name) throws Exception {
        return Files.readString(Path.of(System.getenv(name)));
    }

    private static void say(String word, Object... values) {
        System.out.println(word + ": " + String.join(" ", Arrays.stream(values).map(String::valueOf).toArray(String[]::new)));
    }

    private void run() throws Exception {
        say("version", Version.getVersion().replaceAll("(?s).*?([0-9.]+).*", "$1"));
        GrmsResponse answer = (GrmsResponse) invoke("submitJob", new QName("", "jobId"), XMLType.XSD_STRING,
            "jobDefinition", content("GRMS_JOB"));
        String job = (String) out("jobId");
        say("submitted", answer.errorCode, job);
        long end = System.nanoTime() + 60_000_000_000L;
        JobInformation info = info(job);
        while (!FINAL.contains(info.jobStatus) && System.nanoTime() < end) {
            Thread.sleep(100);
            info = info(job);
        }
        say("ended", info.jobStatus);
        say("info", info.userDn, info.historyLength, !info.finishTime.before(info.submissionTime));
        invoke("getJobHistory", new QName("", "history"), XMLType.SOAP_ARRAY, "jobId", job);
        Object[] history = (Object[]) out("history");
        say("history", history.length, ((JobHistory) history[0]).hostName.isEmpty() ? "nowhere" : "somewhere");
        say("listed", list().contains(job));
        say("unlisted", !list("status", "RUNNING").contains(job));
        answer = (GrmsResponse) invoke("getJobInfo", new QName("", "jobInfo"), type("jobInformation"), "jobId", "no-such-job");
        say("unknown", answer.errorCode, answer.errorMessage);
        answer = (GrmsResponse) invoke("submitJob", new QName("", "jobId"), XMLType.XSD_STRING, "jobDefinition", content("GRMS_BAD_JOB"));
        say("refused", answer.errorCode, answer.errorMessage);
    }

    public static void main(String[] arguments) throws Exception {
        new AxisStranger().run();
    }

    /** The answer of every operation. */
    public static final class GrmsResponse {
        private int errorCode;
        private String errorMessage;

        public int getErrorCode() { return errorCode; }

        public void setErrorCode(int value) { errorCode = value; }

        public String getErrorMessage() { return errorMessage; }

        public void setErrorMessage(String value) { errorMessage = value; }
    }

    /** One attempt, as GRMS 1.9.6 has it. */
    public static final class JobHistory {
        private String hostName;

        public String getHostName() { return hostName; }

        public void setHostName(String value) { hostName = value; }

        public void setStartTime(Calendar value) { }

        public void setLocalSubmissionTime(Calendar value) { }

        public void setLocalStartTime(Calendar value) { }

        public void setLocalFinishTime(Calendar value) { }

        public void setJobDescription(String value) { }

        public void setApplicationAccess(String value) { }
    }

    /** Where a job stands, as GRMS 1.9.6 has it. */
    public static final class JobInformation {
        private String userDn;
        private String jobStatus;
        private Calendar submissionTime;
        private Calendar finishTime;
        private int historyLength;

        public void setProject(String value) { }

        public void setUserDn(String value) { userDn = value; }

        public void setJobStatus(String value) { jobStatus = value; }

        public void setSubmissionTime(Calendar value) { submissionTime = value; }

        public void setFinishTime(Calendar value) { finishTime = value; }

        public void setRequestStatus(String value) { }

        public void setReqNumStatus(int value) { }

        public void setErrorDescription(String value) { }

        public void setLastHistory(JobHistory value) { }

        public void setHistoryLength(int value) { historyLength = value; }
    }
}
