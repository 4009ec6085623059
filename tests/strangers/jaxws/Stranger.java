import grms._2.Attempt;
import grms._2.Diagnostic;
import grms._2.DescriptionFault;
import grms._2.Grms;
import grms._2.GrmsFault;
import grms._2.GrmsService;
import grms._2.ItemResult;
import grms._2.JobInfo;
import grms._2.JobStatus;
import grms._2.StateFault;
import grms._2.SubmitItem;
import java.io.StringReader;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import javax.xml.namespace.QName;
import javax.xml.transform.Source;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMResult;
import javax.xml.transform.stream.StreamSource;
import javax.xml.ws.Dispatch;
import javax.xml.ws.Holder;
import javax.xml.ws.Service;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Node;

/**
 * The reference implementation of JAX-WS, through the classes that wsimport makes of the WSDL. Prints a line for every step,
 * in the words that tests/live/clients/report.rs expects.
 */
public final class Stranger {
    private static String content(String name) throws Exception {
        return Files.readString(Path.of(System.getenv(name)));
    }

    private static void say(String word, Object... values) {
        StringBuilder line = new StringBuilder(word).append(':');
        for (Object value : values) {
            line.append(' ').append(value);
        }
        System.out.println(line);
    }

    private static String version() {
        return com.sun.xml.ws.util.RuntimeVersion.VERSION.BUILD_VERSION.replaceAll(".* ", "") + " on Java " + System.getProperty("java.version");
    }

    private static JobInfo ended(Grms grms, String job) throws Exception {
        Holder<List<JobInfo>> jobs = new Holder<>();
        grms.waitForJobs(List.of(job), null, null, null, 60, new Holder<>(), jobs);
        return jobs.value.get(0);
    }

    /** The submission again, its members in another order, as a message of its own. */
    private static String reversed(GrmsService service, String key) throws Exception {
        QName port = new QName("urn:grms:2", "GrmsSoap11");
        Dispatch<Source> dispatch = service.createDispatch(port, Source.class, Service.Mode.PAYLOAD);
        String text = content("GRMS_JOB").replace("&", "&amp;").replace("<", "&lt;");
        String request = "<g:submitJob xmlns:g='urn:grms:2'><requestId>" + key + "</requestId><jobDefinition>" + text
            + "</jobDefinition></g:submitJob>";
        Source answer = dispatch.invoke(new StreamSource(new StringReader(request)));
        return XPathFactory.newInstance().newXPath().evaluate("//jobId", tree(answer));
    }

    private static Node tree(Source source) throws Exception {
        DOMResult result = new DOMResult();
        TransformerFactory.newInstance().newTransformer().transform(source, result);
        return result.getNode();
    }

    private static GrmsFault unknown(Grms grms) throws Exception {
        try {
            grms.getJobInfo("no-such-job");
        } catch (StateFault fault) {
            return fault.getFaultInfo();
        }
        throw new IllegalStateException("a fault was expected");
    }

    private static GrmsFault refused(Grms grms) throws Exception {
        try {
            grms.submitJob(content("GRMS_BAD_JOB"), null, null, null, null, new Holder<>(), new Holder<>());
        } catch (DescriptionFault fault) {
            return fault.getFaultInfo();
        }
        throw new IllegalStateException("a fault was expected");
    }

    public static void main(String[] arguments) throws Exception {
        say("version", version());
        GrmsService service = new GrmsService(new URL(System.getenv("GRMS_ENDPOINT") + "?wsdl"));
        Grms grms = service.getGrmsSoap11();

        String key = UUID.randomUUID().toString();
        Holder<String> id = new Holder<>();
        Holder<JobStatus> status = new Holder<>();
        grms.submitJob(content("GRMS_JOB"), null, key, null, null, id, status);
        String job = id.value;
        say("submitted", job, status.value);
        say("again", reversed(service, key));
        JobInfo info = ended(grms, job);
        say("ended", info.getStatus());
        say("info", info.getJobId(), info.getAppId(), info.getExitCode(), info.getHistoryLength(),
            info.getFinishTime().compare(info.getSubmissionTime()) >= 0);
        List<Attempt> attempts = grms.getJobHistory(job, null);
        say("history", attempts.get(0).getNumber(), attempts.get(0).getOutcome());
        Holder<List<String>> page = new Holder<>();
        grms.getJobsList(List.of(JobStatus.FINISHED, JobStatus.RUNNING), null, null, 100, new Holder<>(), page);
        say("listed", page.value.contains(job));

        GrmsFault fault = unknown(grms);
        say("unknown", "StateFault", fault.getCode(), fault.getName(), fault.isRetryable(), fault.getJobId());
        say("message", fault.getMessage());
        fault = refused(grms);
        say("refused", "DescriptionFault", fault.getCode(), fault.getName(), fault.isRetryable());
        for (Diagnostic found : fault.getDiagnostic()) {
            say("diagnostic", found.getSeverity(), found.getCode(), found.getLine(), found.getColumn(), found.getPath());
        }
        SubmitItem[] items = {new SubmitItem(), new SubmitItem()};
        items[0].setJobDefinition(content("GRMS_JOB"));
        items[1].setJobDefinition(content("GRMS_BAD_JOB"));
        Holder<Integer> errors = new Holder<>();
        Holder<List<ItemResult>> results = new Holder<>();
        grms.submitJobs(List.of(items), null, errors, results);
        ItemResult good = results.value.get(0);
        ItemResult bad = results.value.get(1);
        say("bulk", errors.value, good.getErrorCode(), bad.getIndex(), bad.getErrorCode(), bad.getErrorName(),
            ended(grms, good.getJobId()).getStatus());
        Grms newer = service.getGrmsSoap12();
        say("soap12", newer.getJobInfo(job).getStatus(), "StateFault", unknown(newer).getCode());
    }
}
