import grms._2.Attempt;
import grms._2.DescriptionFault;
import grms._2.Diagnostic;
import grms._2.Grms;
import grms._2.GrmsService;
import grms._2.JobInfo;
import grms._2.JobStatus;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Holder;
import javax.xml.ws.WebServiceException;

/**
 * Submits the job description in a file, waits for its end, and tells how it went. Exit codes: 0 finished, 1 ended otherwise, 2 the
 * description is refused.
 */
public final class SubmitAndWait {
    private static final int WAIT_SECONDS = 30;
    private static final int TRIES = 4;

    private final Grms broker;

    private SubmitAndWait(String endpoint) throws Exception {
        broker = new GrmsService(new URL(endpoint + "?wsdl")).getGrmsSoap11();
        var context = ((BindingProvider) broker).getRequestContext();
        context.put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, endpoint);
        context.put("com.sun.xml.ws.connect.timeout", 10_000);
        context.put("com.sun.xml.ws.request.timeout", 60_000);
    }

    /**
     * The id of the new job. The same request id goes out with every try, so that an answer that got lost does not make a second
     * job.
     */
    private String submit(String description) throws Exception {
        String requestId = UUID.randomUUID().toString();
        Holder<String> jobId = new Holder<>();
        for (int tried = 1;; tried++) {
            try {
                broker.submitJob(description, null, requestId, null, null, jobId, new Holder<>());
                return jobId.value;
            } catch (WebServiceException unreachable) {
                if (tried == TRIES) {
                    throw unreachable;
                }
                Thread.sleep(1000L * tried);
            }
        }
    }

    private JobInfo waitForEnd(String jobId) throws Exception {
        Holder<Boolean> timedOut = new Holder<>();
        Holder<List<JobInfo>> jobs = new Holder<>();
        do {
            broker.waitForJobs(List.of(jobId), null, null, null, WAIT_SECONDS, timedOut, jobs);
        } while (timedOut.value);
        return jobs.value.get(0);
    }

    private int run(String description) throws Exception {
        String jobId;
        try {
            jobId = submit(description);
        } catch (DescriptionFault fault) {
            System.err.println(fault.getFaultInfo().getName() + ": " + fault.getFaultInfo().getMessage());
            for (Diagnostic found : fault.getFaultInfo().getDiagnostic()) {
                System.err.printf("line %d, column %d: %s%n", found.getLine(), found.getColumn(), found.getMessage());
            }
            return 2;
        }
        System.out.println(jobId + " was accepted");
        JobInfo info = waitForEnd(jobId);
        System.out.println(jobId + " " + info.getStatus() + ", exit code " + info.getExitCode());
        for (Attempt attempt : broker.getJobHistory(jobId, null)) {
            System.out.println("  attempt " + attempt.getNumber() + " on " + attempt.getHostName() + ": " + attempt.getOutcome());
        }
        return info.getStatus() == JobStatus.FINISHED ? 0 : 1;
    }

    public static void main(String[] arguments) throws Exception {
        String description = Files.readString(Path.of(arguments[0]));
        System.exit(new SubmitAndWait(System.getenv("GRMS_ENDPOINT")).run(description));
    }
}
